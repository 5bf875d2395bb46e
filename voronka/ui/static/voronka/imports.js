// The import wizard: dropping a file, choosing a sheet, putting new stages in order.
(() => {
  const { words, each, load } = window.voronka;

  each("[data-import-upload]", (form) => {
    const limit = Number(form.dataset.limit) * 1000000;
    for (const input of form.querySelectorAll("input[type=file]")) {
      const zone = input.closest(".v-drop");
      const name = zone.querySelector("[data-file-name]");
      const first = name.textContent;
      input.addEventListener("change", () => {
        const file = input.files[0];
        // Before a hundred megabytes go over the network for nothing.
        input.setCustomValidity(file && file.size > limit ? form.dataset.tooBig : "");
        input.reportValidity();
        name.textContent = file ? file.name : first;
        zone.classList.toggle("is-full", Boolean(file));
      });
      for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, () => zone.classList.add("is-over"));
      for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("is-over"));
    }
  });

  each("[data-import-sheet]", (select) => select.addEventListener("change", () => select.form.requestSubmit()));

  each("[data-import-order]", async (list) => {
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-up], [data-down]");
      if (!button) return;
      const item = button.closest("li");
      if (button.hasAttribute("data-up")) item.previousElementSibling?.before(item);
      else item.nextElementSibling?.after(item);
      button.focus();
    });
    await load(words.sortable_js);
    window.Sortable.create(list, { handle: "[data-grip]", draggable: "li", animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 130 });
  });
})();
