// Lists that people put in order: by dragging the grip, or with the buttons up and down.
// <ol data-sort-url="…"> of <li data-sort-id="…"> with [data-grip]; the new order is POSTed as ids=3,1,2.
(() => {
  const { words, each, load } = window.voronka;
  const idsOf = (list) => [...list.querySelectorAll(":scope > [data-sort-id]")].map((item) => item.dataset.sortId).join(",");

  each("[data-sort-url]", async (list) => {
    await load(words.sortable_js);
    let before = idsOf(list);
    window.Sortable.create(list, {
      handle: "[data-grip]",
      draggable: "[data-sort-id]",
      animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 130,
      onStart: () => (before = idsOf(list)),
      onEnd: () => {
        const ids = idsOf(list);
        if (ids !== before) htmx.ajax("POST", list.dataset.sortUrl, { source: list, values: { ids }, swap: "none" });
      },
    });
    // What the server did not accept goes back to how it is there.
    list.addEventListener("refused", () => htmx.trigger(document.body, "refresh"));
  });

  // Of many tabs on a narrow screen the present one is in sight.
  each(".v-list-tabs [aria-current]", (tab) => {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.clientWidth) / 2;
  });

  // An open stage follows what happens around it (an undo, the key mark), unless something is typed in it.
  document.body.addEventListener("refresh", () => {
    const form = document.querySelector("#stage form[data-draft]");
    if (!form) return;
    const typed = [...form.elements].some((field) =>
      field.type === "radio" ? field.checked !== field.defaultChecked
        : field.tagName === "SELECT" ? [...field.options].some((option) => option.selected !== option.defaultSelected)
          : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue);
    if (!typed) htmx.ajax("GET", form.getAttribute("action"), { target: "#stage", swap: "outerHTML" });
  });

  // The list is drawn anew after each step: the keyboard stays at the entry that it moves.
  let pressed = null;
  document.addEventListener("submit", (event) => {
    if (event.target.matches(".v-move")) pressed = event.submitter?.id || null;
  }, true);
  document.addEventListener("htmx:afterSettle", () => {
    const button = pressed && document.getElementById(pressed);
    if (!button) return;
    const twin = button.parentElement.querySelector("button:not(:disabled)");
    (button.disabled ? twin : button)?.focus({ preventScroll: true });
    pressed = null;
  });
})();
