// The layout of a card: fields and headings of groups in one list, dragged or moved with the arrows. The form posts them
// in the order in which they stand.
(() => {
  const { words, each, load } = window.voronka;

  each("[data-arrange]", async (list) => {
    await load(words.sortable_js);
    window.Sortable.create(list, {
      handle: "[data-grip]",
      draggable: "[data-item]",
      animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 130,
    });
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-arrange] [data-step]");
    if (!button) return;
    const item = button.closest("[data-item]");
    const up = button.dataset.step === "up";
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (up) other.before(item); else other.after(item);
    button.focus({ preventScroll: true });
  });
})();
