// Files dragged onto a card's list of files go up as if they had been chosen; those dropped on, or pasted into, a form
// with `data-attach` wait in it until it is sent.
(() => {
  const zoneOf = (event) => event.target.closest?.("[data-drop-files]");
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");

  document.addEventListener("dragover", (event) => {
    const zone = hasFiles(event) && zoneOf(event);
    document.querySelectorAll("[data-drop-files].is-over").forEach((other) => other !== zone && other.classList.remove("is-over"));
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });

  document.addEventListener("dragleave", (event) => {
    const zone = zoneOf(event);
    if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
  });

  document.addEventListener("drop", (event) => {
    const zone = hasFiles(event) && zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    const input = zone.querySelector("input[type=file]");
    if (zone.hasAttribute("data-attach")) return add(input, event.dataTransfer.files);
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // ---- files that wait in a form. Choosing again adds to them, as one expects of «attach».
  const waiting = new WeakMap();

  function put(input, files) {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
    waiting.set(input, files);
    const list = input.closest(".v-attach-field").querySelector("[data-chosen-files]");
    list.replaceChildren(...files.map((file) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.className = "v-cut";
      name.textContent = file.name;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.className = "btn-close";
      drop.setAttribute("aria-label", `${list.dataset.remove}: ${file.name}`);
      drop.addEventListener("click", () => {
        put(input, waiting.get(input).filter((other) => other !== file));
        input.focus();
      });
      item.append(name, drop);
      return item;
    }));
  }

  function add(input, files) {
    put(input, [...(waiting.get(input) || []), ...files]);
  }

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type === "file" && input.closest("[data-attach]")) add(input, input.files);
  });

  document.addEventListener("paste", (event) => {
    const form = event.target.closest?.("[data-attach]");
    const files = [...(event.clipboardData?.files || [])];
    // Text copied from a spreadsheet comes with a picture of itself: the text is meant.
    if (!form || !files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(form.querySelector("input[type=file]"), files);
  });

  document.addEventListener("reset", (event) => {
    const input = event.target.querySelector?.(".v-attach-field input[type=file]");
    if (input) put(input, []);
  });
})();
