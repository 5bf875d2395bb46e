// Forms inside the rows of a list of things to do: «Cancel» folds them, the first field takes the focus.
(() => {
  document.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-drop]");
    if (!drop) return;
    const slot = drop.closest("[data-slot]");
    const row = slot.closest("[data-row]");
    slot.replaceChildren();
    row?.querySelector(".v-act-do")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.target.closest?.("[data-slot]")?.querySelector("[data-drop]")?.click();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.matches("[data-slot]")) event.detail.target.querySelector("textarea")?.focus();
  });
})();
