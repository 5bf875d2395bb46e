// Keeps what is typed in `[data-draft="key"]` (a form or one field) in this browser until it is saved: through a reload,
// a lost connection, an expired session. Passwords, files and hidden fields are never kept; signing out forgets all.
(() => {
  const { words, each } = window.voronka;
  const WEEK = 7 * 24 * 3600 * 1000;
  const PREFIX = "voronka-draft:";
  const workspace = (location.pathname.match(/^\/w\/[^/]+/) || [""])[0];
  const keyOf = (holder) => `${PREFIX}${workspace}:${holder.dataset.draft}`;
  const kept = (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type) && !field.disabled;
  const fieldsOf = (holder) => (holder instanceof HTMLFormElement ? [...holder.elements] : [holder]).filter(kept);

  const valueOf = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked
      : field.multiple ? [...field.selectedOptions].map((option) => [option.value, option.text])
        : field instanceof HTMLSelectElement ? [[field.value, field.selectedOptions[0]?.text || ""]] : field.value;

  const nameOf = (field) => (field.type === "radio" || field.type === "checkbox" ? `${field.name}=${field.value}` : field.name);

  function write(field, value) {
    if (typeof value === "boolean") field.checked = value;
    else if (field instanceof HTMLSelectElement && Array.isArray(value)) {
      for (const option of field.options) option.selected = false;
      for (const [chosen, text] of value) {
        // Options of a remote search are not in the page: bring the chosen ones back.
        let option = [...field.options].find((known) => known.value === chosen);
        if (!option) field.append((option = new Option(text, chosen)));
        option.selected = true;
      }
      field.tomselect?.sync();
    } else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function save(holder) {
    const values = {};
    for (const field of fieldsOf(holder)) values[nameOf(field)] = valueOf(field);
    try {
      localStorage.setItem(keyOf(holder), JSON.stringify({ at: Date.now(), values }));
    } catch { /* storage is full or forbidden: typing must go on */ }
  }

  function forget(holder) {
    localStorage.removeItem(keyOf(holder));
    if (holder instanceof HTMLFormElement) sent(holder);
    const note = holder.querySelector?.(".v-draft:not(.v-unsent)");
    if (note) note.remove();
  }

  function restore(holder) {
    const stored = JSON.parse(localStorage.getItem(keyOf(holder)) || "null");
    if (!stored) return;
    if (Date.now() - stored.at > WEEK) return forget(holder);
    let restored = false;
    for (const field of fieldsOf(holder)) {
      const value = stored.values[nameOf(field)];
      if (value !== undefined && JSON.stringify(value) !== JSON.stringify(valueOf(field))) {
        write(field, value);
        restored = true;
      }
    }
    if (restored && holder instanceof HTMLFormElement) tell(holder);
    return undefined;
  }

  function tell(form) {
    const note = document.createElement("div");
    note.className = "v-draft";
    note.textContent = words.draft;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-link";
    button.textContent = words.discard;
    button.addEventListener("click", () => {
      form.reset();
      for (const field of fieldsOf(form)) field.tomselect?.sync();
      forget(form);
    });
    note.append(button);
    (form.querySelector(".v-dialog-body") || form).prepend(note);
  }

  // ---- sent without a connection: kept, told calmly, sent again as soon as the network is back. The server knows a form
  // that comes twice by its `once`.
  function unsent(form) {
    if (form.hasAttribute("data-unsent")) return;
    form.setAttribute("data-unsent", "");
    const note = document.createElement("div");
    note.className = "v-draft v-unsent";
    note.setAttribute("role", "status");
    note.textContent = words.unsent;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-link";
    button.textContent = words.send_now;
    button.addEventListener("click", () => form.requestSubmit());
    note.append(button);
    (form.querySelector(".v-dialog-body") || form).prepend(note);
  }
  function sent(form) {
    form.removeAttribute("data-unsent");
    form.querySelector(".v-unsent")?.remove();
  }
  const lost = (event) => {
    const { elt, verb } = event.detail.requestConfig;
    const form = elt.closest("form");
    if (!form || verb === "get") return;
    for (const holder of holdersIn(form)) save(holder);
    unsent(form);
  };
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, requestConfig } = event.detail;
    const form = requestConfig.verb !== "get" && requestConfig.elt.closest("form");
    if (form && xhr.status > 0) sent(form);
  });
  window.addEventListener("online", () => {
    for (const form of document.querySelectorAll("form[data-unsent]")) form.requestSubmit();
  });

  const timers = new WeakMap();
  const later = (event) => {
    const holder = event.target.closest?.("[data-draft]");
    if (!holder || !event.isTrusted) return;
    clearTimeout(timers.get(holder));
    timers.set(holder, setTimeout(() => save(holder), 250));
  };
  document.addEventListener("input", later);
  document.addEventListener("change", later);

  const holdersIn = (form) => (form.matches("[data-draft]") ? [form] : [...form.querySelectorAll("[data-draft]")]);
  // What was typed in the last moment belongs to the draft too, or a form that comes back with errors would lose it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    const form = elt.closest("form");
    if (!form || requestConfig.verb === "get") return;
    for (const holder of holdersIn(form)) {
      if (!timers.has(holder)) continue;
      clearTimeout(timers.get(holder));
      save(holder);
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const form = requestConfig.elt.closest("form");
    if (form && requestConfig.verb !== "get" && xhr.status < 400) {
      for (const holder of holdersIn(form)) {
        clearTimeout(timers.get(holder));
        forget(holder);
      }
    }
  });
  // 204 swaps nothing, so no beforeSwap comes.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, requestConfig } = event.detail;
    const form = requestConfig.elt.closest("form");
    if (form && requestConfig.verb !== "get" && xhr.status === 204) holdersIn(form).forEach(forget);
  });

  // A plain form: whether it went through is known only on the next page. If the form is back, it did not.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const keys = holdersIn(event.target).map(keyOf);
    if (keys.length) sessionStorage.setItem("voronka-sent", JSON.stringify(keys));
    if (event.target.action.endsWith("/logout/")) {
      for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
    }
  });
  const here = new Set([...document.querySelectorAll("[data-draft]")].map(keyOf));
  for (const key of JSON.parse(sessionStorage.getItem("voronka-sent") || "[]")) if (!here.has(key)) localStorage.removeItem(key);
  sessionStorage.removeItem("voronka-sent");

  each("[data-draft]", restore);
})();
