// Ground of every page: the CSRF token of every request, toasts with «Undo», our own confirm dialog, errors told in
// words, the guard against sending twice. A failed request never clears a form.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1] || "";
  const token = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // ---- toasts
  const TOAST_MS = 5000;
  const UNDO_MS = 10000;

  function toast({ text, undo = null, open = null, level = "success", action = null }) {
    const region = document.getElementById("toasts");
    // Inside an open modal dialog everything else is inert: the toasts move in, so that «Undo» can be pressed.
    const modal = [...document.querySelectorAll("dialog[open]")].pop();
    (modal || document.body).append(region);
    const box = document.createElement("div");
    box.className = "v-toast";
    box.dataset.level = level;
    const said = document.createElement("span");
    said.textContent = text;
    box.append(said);
    const button = (label, run, css) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = label;
      if (css) made.className = css;
      made.addEventListener("click", () => { box.remove(); if (run) run(); });
      box.append(made);
    };
    if (open) box.append(linkTo(open));
    if (undo) button(words.undo, () => undoNow(undo));
    if (action) button(action.label, action.run);
    const sticky = level === "error" || level === "warning" || action;
    button("✕", null, "v-toast-x");
    box.lastChild.setAttribute("aria-label", words.close);
    region.append(box);
    if (open) htmx.process(box);
    while (region.children.length > 4) region.firstChild.remove();
    let timer;
    const start = () => (timer = setTimeout(() => box.remove(), undo || open ? UNDO_MS : sticky ? 12000 : TOAST_MS));
    box.addEventListener("mouseenter", () => clearTimeout(timer));
    box.addEventListener("mouseleave", start);
    start();
  }

  // As {% opens_panel %} draws it: the card slides over the page one is on.
  function linkTo(url) {
    const link = document.createElement("a");
    link.textContent = words.open;
    link.href = url;
    link.setAttribute("hx-get", url);
    link.setAttribute("hx-target", "#panel");
    link.setAttribute("hx-swap", "innerHTML");
    link.dataset.opens = "panel";
    return link;
  }

  async function undoNow(url) {
    try {
      const response = await fetch(url, { method: "POST", headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
      if (!response.ok) return toast({ text: (await saidBy(response)) || words.failed, level: "error" });
      const events = JSON.parse(response.headers.get("HX-Trigger") || "{}");
      toast(events.toast || { text: words.undone });
      const redirect = response.headers.get("HX-Redirect");
      if (redirect) location.assign(redirect);
      else htmx.trigger(document.body, "refresh");
    } catch {
      offline(true);
    }
    return undefined;
  }

  const saidIn = (html) => new DOMParser().parseFromString(html, "text/html").querySelector(".v-refusal-text")?.textContent.trim();
  const saidBy = async (response) => (response.headers.get("X-Refused") ? saidIn(await response.text()) : "");

  document.addEventListener("toast", (event) => toast(event.detail));
  for (const said of document.querySelectorAll("[data-toast]")) {
    const level = { debug: "info" }[said.dataset.level] || said.dataset.level;
    toast({ text: said.textContent.trim(), level, undo: said.dataset.undo || null });
    said.remove();
  }
  document.addEventListener("close", (event) => {
    if (event.target.contains(document.getElementById("toasts"))) document.body.append(document.getElementById("toasts"));
  }, true);

  // ---- confirm
  function confirm(question) {
    const frame = document.getElementById("confirm-frame");
    if (!frame) return Promise.resolve(window.confirm(question));
    frame.querySelector("#confirm-text").textContent = question;
    frame.returnValue = "no";
    frame.showModal();
    frame.querySelector("[data-confirm-yes]").focus();
    return new Promise((resolve) => frame.addEventListener("close", () => resolve(frame.returnValue === "yes"), { once: true }));
  }
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    confirm(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
  });

  // ---- network and errors
  function offline(lost) {
    const banner = document.getElementById("offline");
    if (lost) {
      banner.textContent = words.offline;
      banner.hidden = false;
    } else if (!banner.hidden) {
      banner.hidden = true;
      toast({ text: words.online, level: "info" });
    }
  }
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", () => offline(false));
  document.addEventListener("htmx:sendError", () => offline(true));
  document.addEventListener("htmx:timeout", () => offline(true));

  // Only the element itself: a form inside a list that refreshes quietly must not fail quietly.
  const quiet = (element) => Boolean(element && element.hasAttribute("data-quiet"));

  document.addEventListener("htmx:beforeSwap", (event) => {
    // `detail.elt` is the target here; who asked stands in the request.
    const { xhr, requestConfig: { elt } } = event.detail;
    offline(false);
    if (!xhr.getResponseHeader("X-Refused")) return;
    const scope = elt.closest("form, [data-inline], [data-error-scope]");
    const place = scope && scope.querySelector("[data-form-error]");
    // Put in by hand: the form's own hx-swap and hx-select are meant for success.
    event.detail.isError = false;
    event.detail.shouldSwap = false;
    if (place) {
      place.replaceChildren(...new DOMParser().parseFromString(xhr.responseText, "text/html").body.children);
      place.scrollIntoView({ block: "nearest" });
      for (const now of place.querySelectorAll("[data-now]")) rebase(scope, now.dataset.now, now.dataset.value);
    } else toast({ text: saidIn(xhr.responseText) || words.failed, level: "error" });
    // Boards and lists put back what was moved by hand.
    htmx.trigger(elt, "refused");
  });

  // After a conflict the form stands on what is there now: whoever saves again has seen it and means it.
  function rebase(scope, field, value) {
    const form = scope.matches("form") ? scope : scope.querySelector("form");
    if (!form) return;
    const edited = form.querySelector("input[name=field]")?.value.replace(/_id$/, "");
    const names = [`was_${field}`, `was_${field}_id`, field === "stage" ? "expected" : "", edited === field ? "was" : ""].filter(Boolean);
    for (const name of names) for (const basis of form.querySelectorAll(`input[type=hidden][name="${CSS.escape(name)}"]`)) basis.value = value;
  }

  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = event.detail;
    if (xhr.status === 401) return signIn(xhr.getResponseHeader("X-Sign-In") || "/");
    if (quiet(elt)) return undefined;
    if (xhr.getResponseHeader("X-Reload")) return toast({ text: words.stale, level: "error", action: { label: words.reload, run: () => location.reload() } });
    const text = { 403: words.forbidden, 404: words.missing, 413: words.too_large }[xhr.status] || words.failed;
    return toast({ text, level: "error" });
  });

  let askedToSignIn = false;
  function signIn(url) {
    // Background requests all get 401 at once: one notice is enough.
    if (askedToSignIn) return;
    askedToSignIn = true;
    setTimeout(() => (askedToSignIn = false), 15000);
    toast({ text: words.signed_out, level: "warning", action: { label: words.sign_in, run: () => window.open(url, "_blank", "noopener") } });
  }

  // ---- requests
  document.addEventListener("htmx:configRequest", (event) => {
    // From the cookie, not from the page: after a sign-in in another tab the page's own token is stale.
    const csrf = cookie("csrftoken");
    if (!csrf) return;
    event.detail.headers["X-CSRFToken"] = csrf;
    if (event.detail.parameters.has?.("csrfmiddlewaretoken") || "csrfmiddlewaretoken" in event.detail.parameters) {
      event.detail.parameters.csrfmiddlewaretoken = csrf;
    }
  });

  const buttonsOf = (form) => [...form.querySelectorAll("button[type=submit], button:not([type]), input[type=submit]")];
  const busy = (form, on) => {
    for (const button of buttonsOf(form)) {
      button.disabled = on;
      button.toggleAttribute("aria-busy", on);
      if (on) button.setAttribute("aria-busy", "true");
    }
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (requestConfig.verb === "get") return;
    const form = elt.closest("form");
    if (form) busy(form, true);
    else if (elt instanceof HTMLButtonElement) elt.disabled = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, xhr } = event.detail;
    const { elt } = requestConfig;
    const successful = xhr.status >= 200 && xhr.status < 400;
    if (requestConfig.verb === "get") return;
    const form = elt.closest("form");
    if (form) {
      busy(form, false);
      const place = form.querySelector("[data-form-error]");
      if (successful && place) place.replaceChildren();
      if (successful) for (const field of form.querySelectorAll("input[name=once]")) field.value = token();
    } else if (elt instanceof HTMLButtonElement) elt.disabled = false;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sending) return event.preventDefault();
    form.dataset.sending = "1";
    // After the browser has gathered the fields, the pressed button's value among them.
    setTimeout(() => busy(form, true));
    return undefined;
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) {
      delete form.dataset.sending;
      busy(form, false);
    }
  });

  // A thin line above the page while something takes longer than a blink.
  const bar = document.createElement("div");
  bar.className = "v-progress-top";
  document.body.append(bar);
  const running = new Map();
  document.addEventListener("htmx:beforeSend", (event) => {
    if (quiet(event.detail.elt)) return;
    running.set(event.detail.xhr, setTimeout(() => bar.classList.add("is-on"), 250));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    clearTimeout(running.get(event.detail.xhr));
    running.delete(event.detail.xhr);
    if (running.size === 0) bar.classList.remove("is-on");
  });

  // ---- small things
  // A new tab must stay possible on links that htmx takes over.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[hx-get][href]");
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) event.stopPropagation();
  }, true);
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit("[data-theme-next]")) window.voronkaTheme.next();
    else if (hit("[data-theme-set]")) window.voronkaTheme.set(hit("[data-theme-set]").dataset.themeSet);
    else if (hit("[data-back]")) history.back();
    else if (hit("[data-keys-help]")) document.getElementById("keys-frame")?.showModal();
    else if (hit("[data-print]")) window.print();
    else if (hit("[data-copy]")) {
      navigator.clipboard?.writeText(hit("[data-copy]").dataset.copy).then(() => toast({ text: words.copied, level: "info" }));
    } else if (hit("[data-language]")) {
      document.cookie = `django_language=${hit("[data-language]").dataset.language}; path=/; max-age=31536000; samesite=lax`;
      location.reload();
    } else if (hit("[data-fold]")) {
      const folded = document.documentElement.dataset.nav !== "folded";
      if (folded) document.documentElement.dataset.nav = "folded";
      else delete document.documentElement.dataset.nav;
      document.cookie = `nav=${folded ? "folded" : "open"}; path=/; max-age=31536000; samesite=lax`;
      hit("[data-fold]").setAttribute("aria-pressed", String(folded));
    }
  });

  const loaded = new Map();
  function load(url) {
    if (!loaded.has(url)) {
      loaded.set(url, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = resolve;
        script.onerror = reject;
        document.head.append(script);
      }));
    }
    return loaded.get(url);
  }

  // `voronka.each(selector, run)` runs once for every such element, now and in every fragment that arrives later.
  function each(selector, run) {
    const seen = new WeakSet();
    const visit = (root) => {
      const found = [...root.querySelectorAll(selector)];
      if (root.matches?.(selector)) found.push(root);
      for (const element of found) {
        if (!seen.has(element)) {
          seen.add(element);
          run(element);
        }
      }
    };
    visit(document);
    document.addEventListener("htmx:load", (event) => visit(event.detail.elt));
  }

  window.voronka = { words, toast, confirm, load, each, cookie, token };
})();
