// Small helps of fields: thousands in sums while typing, quick dates, growing textareas, filters that apply themselves,
// bulk choice in lists.
(() => {
  const { each } = window.voronka;
  const NBSP = "\u00a0";

  // ---- money: groups while typing, the caret stays behind the same digit
  function grouped(text) {
    const negative = /^\s*[-−]/.test(text);
    const [whole, ...rest] = text.replace(/[^\d.,]/g, "").replace(/\./g, ",").split(",");
    const digits = whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+(?!\d))/g, NBSP);
    return (negative ? "−" : "") + digits + (rest.length ? `,${rest.join("").slice(0, 2)}` : "");
  }
  each("[data-money]", (input) => {
    input.inputMode = "decimal";
    input.autocomplete = "off";
    const shape = () => {
      // A sum pasted with words («1,2 млн») is left for the server to read.
      if (/[^\d\s.,\u00a0\u202f−-]/.test(input.value)) return;
      const before = input.value.slice(0, input.selectionStart ?? 0).replace(/[^\d,.−-]/g, "").length;
      const next = grouped(input.value);
      if (next === input.value) return;
      input.value = next;
      let at = 0;
      for (let seen = 0; at < next.length && seen < before; at += 1) if (/[\d,−]/.test(next[at])) seen += 1;
      if (document.activeElement === input) input.setSelectionRange(at, at);
    };
    shape();
    input.defaultValue = input.value;
    input.addEventListener("input", shape);
  });

  // ---- dates
  const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-in-days]");
    if (!button) return;
    const input = document.getElementById(button.dataset.for) || button.closest(".v-field, form").querySelector("input[type=date]");
    const day = new Date();
    day.setDate(day.getDate() + Number(button.dataset.inDays));
    input.value = iso(day);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // ---- textareas grow (where CSS field-sizing does not do it)
  each("textarea[data-autosize]", (area) => {
    if (CSS.supports("field-sizing", "content")) return;
    const grow = () => { area.style.height = "auto"; area.style.height = `${area.scrollHeight}px`; };
    area.addEventListener("input", grow);
    grow();
  });
  // Ctrl+Enter sends the form one is writing in.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea") && event.target.form && !event.target.form.matches(".v-inline-form")) {
      event.target.form.requestSubmit();
    }
  });

  // ---- filters apply themselves; empty fields stay out of the address
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.matches("form[data-auto]") && !event.target.closest("[data-no-auto]")) form.requestSubmit();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt.closest("form[data-auto]");
    if (!form || event.detail.verb !== "get") return;
    const data = event.detail.parameters;
    for (const key of Object.keys(data)) if (data[key] === "") delete data[key];
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "get" || form.hasAttribute("hx-get")) return;
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => { for (const field of form.elements) if (field.value === "") field.disabled = false; }, 100);
  });
  document.addEventListener("click", (event) => {
    const remover = event.target.closest("[data-clear]");
    if (!remover) return;
    const form = remover.closest("form");
    for (const field of form.querySelectorAll(`[name="${CSS.escape(remover.dataset.clear)}"]`)) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = false;
      else field.value = "";
      field.tomselect?.clear(true);
    }
    form.requestSubmit();
  });
  // Options of a long chip menu can be searched.
  document.addEventListener("input", (event) => {
    const search = event.target.closest("[data-filter-options]");
    if (!search) return;
    const wanted = search.value.toLowerCase().replace(/ё/g, "е");
    for (const option of search.closest(".dropdown-menu").querySelectorAll("[data-option]")) {
      option.hidden = !option.textContent.toLowerCase().replace(/ё/g, "е").includes(wanted);
    }
  });

  // ---- bulk choice: [data-check-all] and [data-check] inside one [data-bulk], the bar is [data-bulk-bar]
  document.addEventListener("change", (event) => {
    const area = event.target.closest("[data-bulk]");
    if (!area) return;
    const boxes = [...area.querySelectorAll("[data-check]")];
    if (event.target.matches("[data-check-all]")) for (const box of boxes) box.checked = event.target.checked;
    const chosen = boxes.filter((box) => box.checked).length;
    const all = area.querySelector("[data-check-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    const bar = area.querySelector("[data-bulk-bar]");
    if (bar) bar.hidden = chosen === 0;
    for (const count of area.querySelectorAll("[data-bulk-count]")) count.textContent = String(chosen);
  });

  // ---- segmented tabs without the server: [data-tab="id"] shows #id among its siblings [data-tab-page]
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (!tab) return;
    const tabs = [...tab.parentElement.querySelectorAll("[data-tab]")];
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      const page = document.getElementById(other.dataset.tab);
      if (page) page.hidden = other !== tab;
    }
    const page = document.getElementById(tab.dataset.tab);
    page?.querySelector("textarea, input:not([type=hidden])")?.focus({ preventScroll: true });
  });
  // Parts of a card that came anew do not know which tab is open.
  document.addEventListener("htmx:oobAfterSwap", () => {
    for (const tab of document.querySelectorAll(".v-card-tabs [data-tab]")) {
      const page = document.getElementById(tab.dataset.tab);
      if (page) page.hidden = tab.getAttribute("aria-selected") !== "true";
    }
  });
  // A tab whose page comes from the server: the focus follows once it is there.
  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig } = event.detail;
    const tab = requestConfig.elt.closest("[data-tab]");
    if (tab && target.id === tab.dataset.tab && !target.hidden) target.querySelector("textarea, input:not([type=hidden]), select")?.focus({ preventScroll: true });
  });
  // Written down: the composer folds back to its first tab and lets the keys of the card go.
  document.addEventListener("composed", (event) => {
    const composer = event.target.closest?.(".v-composer") || document.querySelector(".v-composer");
    composer?.querySelector("[data-tab]")?.click();
    document.activeElement?.blur();
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab][data-tab]");
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !by) return;
    const tabs = [...tab.parentElement.querySelectorAll("[data-tab]")];
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
    next.click();
    next.focus();
  });
  // One's own words stand instead of what was ticked beforehand; a tick set after them stays.
  document.addEventListener("input", (event) => {
    const { unticks } = event.target.dataset || {};
    if (!unticks || event.target.dataset.untied || !event.target.value.trim()) return;
    event.target.dataset.untied = "1";
    for (const box of event.target.form.querySelectorAll(`input[type=checkbox][name="${unticks}"]`)) box.checked = false;
  });
})();
