// Brings what colleagues change into the open page. The server says which cards changed (of those within reach); whatever
// listens to `refresh` and is about them asks for itself again and is morphed: no scrolling, typing or open dialog is lost.
// Never while one drags, not oftener than every second and a half, and not in a hidden tab until it is looked at.
(() => {
  const { morph, each, cookie } = window.voronka;
  const main = document.querySelector("main[data-live]");
  if (!main || !window.EventSource) return;
  const me = Number(main.dataset.me);
  const REST_MS = 1500;
  // Many pages hear of the same event at once: not all of them ask in the same moment.
  const SPREAD_MS = 400;
  const MOST_PAGES = 5;
  const LISTENS = "[hx-get][hx-trigger*='refresh from:body']";
  let news = null;
  let last = Date.now();
  let running = false;
  let ownWrite = 0;

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.verb !== "get") ownWrite = Date.now();
  });

  const occupied = () => document.hidden || document.querySelector(".sortable-ghost, .sortable-chosen, .is-moving") || Date.now() - ownWrite < 600;

  // `data-about` names what an element shows: kinds ("deal") or cards ("deal:17"); without it everything concerns it.
  function concerns(element, { kinds, on, many }) {
    const about = element.dataset.about;
    if (!about || kinds.has("*")) return true;
    return about.split(" ").some((one) => on.has(one) || kinds.has(one) || (many && kinds.has(one.split(":")[0])));
  }

  const ask = async (url, target) => {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    if (target) headers["HX-Target"] = target;
    const response = await fetch(url, { headers, credentials: "same-origin" });
    if (!response.ok || response.redirected) return null;
    const holder = document.createElement("template");
    holder.innerHTML = await response.text();
    return holder.content;
  };

  // Where one has scrolled through several pages of a column, the same number is asked for again.
  async function asLong(fresh) {
    for (let turn = 0; turn < MOST_PAGES; turn += 1) {
      let asked = 0;
      for (const pager of fresh.querySelectorAll(".v-pager[hx-get]")) {
        const box = pager.closest("[data-pages]");
        const old = box && document.getElementById(box.id);
        if (!old || old.childElementCount <= box.childElementCount) continue;
        asked += 1;
        const more = await ask(pager.getAttribute("hx-get"));
        if (more) (pager.closest("tr") || pager).replaceWith(more);
      }
      if (!asked) return;
    }
  }

  async function bring(element) {
    const content = await ask(element.getAttribute("hx-get"), element.id);
    if (!content || !element.isConnected || occupied()) return Boolean(content) && element.isConnected;
    const parts = (element.getAttribute("hx-select-oob") || "").split(",").filter(Boolean);
    if (parts.length) {
      for (const part of parts) {
        const old = document.querySelector(part.trim());
        const fresh = content.querySelector(part.trim());
        if (old && fresh) morph(old, fresh);
      }
    } else if (element.getAttribute("hx-swap") === "innerHTML") morph(element, content, { inside: true });
    else {
      const select = element.getAttribute("hx-select") || (element.id ? `#${element.id}` : "");
      const fresh = (select && content.querySelector(select)) || content.firstElementChild;
      if (fresh) {
        await asLong(fresh);
        if (element.isConnected) morph(element, fresh);
      }
    }
    return false;
  }

  async function refresh() {
    if (!news || running || occupied() || Date.now() - last < REST_MS) return;
    const told = news;
    news = null;
    running = true;
    last = Date.now();
    try {
      for (const element of document.querySelectorAll(LISTENS)) {
        if (!element.isConnected || !concerns(element, told)) continue;
        // One began to drag meanwhile: what came is not shown, so it is asked for again.
        if (await bring(element)) news = merge(news, told);
      }
    } catch {
      news = merge(news, told); // the network is away: again when it is back
    } finally {
      running = false;
      last = Date.now();
    }
  }

  function merge(one, two) {
    if (!one) return two;
    return { kinds: new Set([...one.kinds, ...two.kinds]), on: new Set([...one.on, ...two.on]), many: one.many || two.many };
  }

  let stream = null;
  let opened = 0;
  function connect() {
    stream = new EventSource(main.dataset.live);
    stream.addEventListener("open", () => {
      opened += 1;
      // What happened while the line was down has not been told.
      if (opened > 1 && Date.now() - last > 20000) news = { kinds: new Set(["*"]), on: new Set(), many: true };
    });
    stream.addEventListener("changed", (event) => {
      const { by, kinds, on = [], many = false } = JSON.parse(event.data);
      // What one did oneself here has been drawn already.
      if (by.length === 1 && by[0] === me && Date.now() - ownWrite < 4000) return;
      news = merge(news, { kinds: new Set(kinds), on: new Set(on), many });
      setTimeout(refresh, Math.random() * SPREAD_MS);
    });
  }
  connect();
  setInterval(refresh, 500);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (stream.readyState === EventSource.CLOSED) connect();
    refresh();
  });
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });

  // ---- who else looks at this card: [data-here="address"] says so every few seconds and shows the others
  const BEAT_MS = 10000;
  async function beat(place, leaving = false) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", cookie("csrftoken"));
    if (leaving) {
      body.set("gone", "1");
      return navigator.sendBeacon(place.dataset.here, body);
    }
    try {
      const response = await fetch(place.dataset.here, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": cookie("csrftoken") } });
      if (response.ok && !response.redirected && place.isConnected) {
        const text = await response.text();
        if (place.innerHTML.trim() !== text.trim()) place.innerHTML = text;
      }
    } catch { /* the next beat will tell */ }
    return undefined;
  }
  const places = () => [...document.querySelectorAll("[data-here]")];
  each("[data-here]", (place) => {
    beat(place);
    const timer = setInterval(() => {
      if (!place.isConnected) {
        clearInterval(timer);
        if (!places().some((other) => other.dataset.here === place.dataset.here)) beat(place, true);
      } else if (!document.hidden) beat(place);
    }, BEAT_MS);
  });
  window.addEventListener("pagehide", () => places().forEach((place) => beat(place, true)));
  document.addEventListener("visibilitychange", () => places().forEach((place) => beat(place, document.hidden)));
})();
