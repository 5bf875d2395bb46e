// Keys. Bound to the physical key (event.code), so they work on a Russian layout; they never fire while typing and
// can be switched off (Ctrl+K stays). Markup: rows `[data-row]` with a link `[data-open]`; actions `[data-key="e"]`.
(() => {
  // Off in the profile is off everywhere; the switch in the list of keys is for this browser only.
  const isOff = () => document.documentElement.dataset.keys === "off" || localStorage.getItem("voronka-keys") === "off";
  const typing = (element) =>
    element instanceof HTMLElement && (element.isContentEditable || element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select"));
  const visible = (element) => element.offsetParent !== null;
  const modalOpen = () => [...document.querySelectorAll("dialog[open]")].some((dialog) => dialog.id !== "panel-frame");

  const rows = () => [...document.querySelectorAll("main [data-row]")].filter(visible);
  const currentRow = () => document.querySelector("main [data-row].is-current");

  function makeCurrent(row) {
    const before = currentRow();
    if (before === row) return;
    if (before) before.classList.remove("is-current");
    if (row) row.classList.add("is-current");
  }

  function stepRow(by) {
    if (window.voronkaPanel.isOpen()) return window.voronkaPanel.step(by);
    const all = rows();
    const now = all.indexOf(currentRow());
    const next = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : now + by];
    if (!next) return false;
    makeCurrent(next);
    const link = next.querySelector("[data-open]") || next;
    link.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function act(letter) {
    const scope = window.voronkaPanel.isOpen() ? document.getElementById("panel") : currentRow() || document.getElementById("main");
    const own = [...scope.querySelectorAll(`[data-key="${letter}"]`)].filter((element) => !(scope.id === "main" && element.closest("[data-row]")));
    // Cards of the board keep their actions out of sight.
    // A card has no edit form: its values are edited in place, so `e` opens the first of them (the name).
    const inPlace = letter === "e" ? [...scope.querySelectorAll("[data-inline-open]")].find(visible) : null;
    const found = own.find(visible) || own[0] || inPlace;
    if (!found) return false;
    if (typing(found)) found.focus();
    else found.click();
    return true;
  }

  function search() {
    const input = document.querySelector(".v-search-input");
    if (!input) return false;
    input.focus();
    input.select();
    return true;
  }

  function help() {
    document.getElementById("keys-frame")?.showModal();
    return true;
  }

  function enter() {
    const focused = document.activeElement;
    const idle = !focused || focused === document.body || focused.id === "panel" || focused.id === "main";
    if (!idle) return false;
    if (window.voronkaPanel.isOpen()) {
      document.querySelector("[data-panel-whole]").click();
      return true;
    }
    const link = currentRow()?.querySelector("[data-open]");
    if (link) link.click();
    return Boolean(link);
  }

  const letters = { KeyE: "e", KeyT: "t", KeyC: "c", KeyM: "m", KeyW: "w", KeyL: "l" };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyK" && !event.shiftKey && !event.altKey) {
      const palette = document.getElementById("palette-frame");
      if (!modalOpen() || palette?.open) {
        event.preventDefault();
        if (window.voronkaPalette) window.voronkaPalette.open();
        else search();
      }
      return;
    }
    if (isOff() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (typing(event.target) || modalOpen()) return;
    let done = false;
    if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) done = help();
    else if (event.key === "/" || event.code === "Slash") done = search();
    else if (event.shiftKey) return;
    else if (event.code === "KeyJ") done = stepRow(1);
    else if (event.code === "KeyK") done = stepRow(-1);
    else if (event.code === "Enter") done = enter();
    else if (letters[event.code] && !event.repeat) done = act(letters[event.code]);
    if (done) event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (row) makeCurrent(row);
  });

  window.voronka.each("[data-keys-switch]", (box) => {
    box.checked = !isOff();
    box.addEventListener("change", () => localStorage.setItem("voronka-keys", box.checked ? "on" : "off"));
  });
})();
