// The import wizard: dropping files, choosing a sheet, putting new stages in order.
(() => {
  const { words, each, load } = window.voronka;

  each("[data-import-upload]", (form) => {
    const limit = Number(form.dataset.limit) * 1000000;
    const input = form.querySelector("input[type=file]");
    const zone = input.closest(".v-file-drop");
    const list = form.querySelector("[data-import-chosen]");
    input.addEventListener("change", () => {
      const files = [...input.files];
      // Before a hundred megabytes go over the network for nothing.
      input.setCustomValidity(files.some((file) => file.size > limit) ? form.dataset.tooBig : "");
      input.reportValidity();
      list.replaceChildren(
        ...files.map((file) => {
          const item = document.createElement("li");
          item.textContent = file.name;
          item.classList.toggle("is-bad", file.size > limit);
          return item;
        }),
      );
      list.hidden = !files.length;
      zone.classList.toggle("is-full", Boolean(files.length));
    });
    for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, () => zone.classList.add("is-over"));
    for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("is-over"));
  });

  each("[data-import-no-script]", (button) => button.remove());

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
