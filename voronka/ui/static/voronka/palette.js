// The command palette (Ctrl+K, Cmd+K, [data-palette]): a combobox in a dialog. The server finds and names the commands,
// for the card whose address stands in the address bar; here only keys, the choice and what a choice does.
(() => {
  const frame = document.getElementById("palette-frame");
  if (!frame || !frame.dataset.url) return;
  const input = document.getElementById("palette-input");
  const list = document.getElementById("palette-list");
  const options = () => [...list.querySelectorAll("[role=option]")];
  let at = -1;
  let asking = null;
  let timer;

  function mark(next) {
    const all = options();
    at = all.length ? (next + all.length) % all.length : -1;
    all.forEach((option, i) => {
      option.id ||= `palette-option-${i}`;
      option.classList.toggle("is-active", i === at);
      option.setAttribute("aria-selected", String(i === at));
    });
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", all[at].id);
    return all[at].scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const url = new URL(frame.dataset.url, location.href);
    url.searchParams.set("q", input.value);
    url.searchParams.set("at", location.pathname);
    try {
      const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
      if (!response.ok) return;
      const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
      list.replaceChildren(...parsed.body.childNodes);
      htmx.process(list);
      mark(0);
    } catch (fault) {
      if (fault.name !== "AbortError") window.voronka.toast({ text: window.voronka.words.offline, level: "warning" });
    }
  }

  function open() {
    if (frame.open) return frame.close();
    input.value = "";
    list.replaceChildren();
    frame.showModal();
    input.focus();
    ask();
    return undefined;
  }

  const run = {
    keys: () => document.getElementById("keys-frame")?.showModal(),
    theme: () => window.voronkaTheme.next(),
  };

  function choose(option, newTab) {
    if (newTab && option.href) return window.open(option.href, "_blank", "noopener");
    // Closed first: what the choice opens must not stand under the palette.
    frame.close();
    if (option.dataset.run) run[option.dataset.run]?.();
    else if (option.hasAttribute("hx-get") || option.hasAttribute("hx-post")) htmx.trigger(option, "click");
    else location.assign(option.href);
    return undefined;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 90);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 };
    if (steps[event.key]) {
      event.preventDefault();
      mark(at + steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = options()[at];
      if (option) choose(option, event.ctrlKey || event.metaKey);
    } else if (event.key === "Tab") event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || !event.isTrusted) return;
    event.preventDefault();
    event.stopPropagation();
    choose(option, event.ctrlKey || event.metaKey || event.shiftKey);
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) open();
    const runner = event.target.closest("[data-run]");
    if (runner && !frame.contains(runner)) run[runner.dataset.run]?.();
  });
  window.voronkaPalette = { open };
})();
