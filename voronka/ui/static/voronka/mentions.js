// «@» in a `textarea[data-mentions]` offers colleagues: arrows choose, Enter or Tab takes, Esc leaves. The address that
// knows them stands on <main data-colleagues>. What is taken is plain text; whom it means the server finds.
(() => {
  const source = document.getElementById("main")?.dataset.colleagues;
  if (!source) return;
  let area = null;
  let list = null;
  let at = 0;
  let asking = null;
  let timer;
  // The name just taken is no beginning of another one: the list would open anew over the buttons below.
  let taken = "";

  const typed = () => {
    const before = area.value.slice(0, area.selectionStart);
    return before.match(/(?:^|[\s(«"])@([\p{L}\d .\-]{0,40})$/u);
  };
  const options = () => [...(list?.children || [])];

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list?.remove();
    list = null;
    area?.removeAttribute("aria-activedescendant");
    area?.removeAttribute("aria-controls");
  }

  function mark(next) {
    const all = options();
    at = (next + all.length) % all.length;
    all.forEach((option, i) => {
      option.classList.toggle("is-active", i === at);
      option.setAttribute("aria-selected", String(i === at));
    });
    area.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  function show(people) {
    list?.remove();
    list = null;
    if (!people.length) return close();
    list = document.createElement("div");
    list.id = "mentions-list";
    list.className = "v-mentions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", window.voronka.words.colleagues);
    people.forEach((person, i) => {
      const option = document.createElement("div");
      option.id = `mention-${i}`;
      option.className = "v-search-item";
      option.setAttribute("role", "option");
      option.dataset.name = person.text;
      const name = document.createElement("span");
      name.textContent = person.text;
      const hint = document.createElement("small");
      hint.textContent = person.hint;
      option.append(name, hint);
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); take(person.text); });
      list.append(option);
    });
    area.after(list);
    area.setAttribute("aria-controls", list.id);
    return mark(0);
  }

  async function ask(text) {
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await fetch(`${source}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" }, signal: asking.signal });
      if (response.ok) show((await response.json()).items);
    } catch { close(); }
  }

  function take(name) {
    const found = typed();
    if (!found) return close();
    const end = area.selectionStart;
    taken = name;
    area.setRangeText(`@${name} `, end - found[1].length - 1, end, "end");
    close();
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    return undefined;
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("textarea[data-mentions]")) return;
    if (area !== event.target) close();
    area = event.target;
    const found = typed();
    if (!found || (taken && found[1].startsWith(taken))) return close();
    taken = "";
    clearTimeout(timer);
    timer = setTimeout(() => ask(found[1]), 120);
    return undefined;
  });
  // While capturing: Esc must not close the dialog, Enter must not send the form.
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== area || event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (steps[event.key]) mark(at + steps[event.key]);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(options()[at].dataset.name);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("focusout", (event) => { if (event.target === area) close(); });
})();
