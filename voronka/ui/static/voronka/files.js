// Files dragged onto a card's list of files go up as if they had been chosen.
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
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
