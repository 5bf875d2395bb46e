// Refreshes the page when colleagues change something: the server says only that it happened, everything that listens to
// `refresh` asks again. Never while one is typing, dragging or in a dialog; not oftener than every few seconds;
// not at all in a hidden tab until it is looked at.
(() => {
  const main = document.querySelector("main[data-live]");
  if (!main || !window.EventSource) return;
  const me = Number(main.dataset.me);
  const REST_MS = 5000;
  let due = false;
  let last = 0;
  let ownWrite = 0;

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.verb !== "get") ownWrite = Date.now();
  });

  const occupied = () =>
    document.hidden ||
    document.querySelector("dialog[open]:not(#panel-frame), .sortable-ghost, .sortable-chosen, .v-inline-form, main .dropdown-menu.show, .is-moving") ||
    document.activeElement?.matches("main input:not([type=checkbox]):not([type=radio]), main textarea, main select, #panel input, #panel textarea, #panel select") ||
    !getSelection().isCollapsed ||
    [...document.querySelectorAll("[data-check]")].some((box) => box.checked);

  function tryRefresh() {
    if (!due || occupied() || Date.now() - last < REST_MS) return;
    due = false;
    last = Date.now();
    htmx.trigger(document.body, "refresh", { live: true });
  }

  let stream = null;
  function connect() {
    stream = new EventSource(main.dataset.live);
    stream.addEventListener("changed", (event) => {
      const { by } = JSON.parse(event.data);
      // What one did oneself here has been drawn already.
      if (by.length === 1 && by[0] === me && Date.now() - ownWrite < 4000) return;
      due = true;
      tryRefresh();
    });
  }
  connect();
  setInterval(tryRefresh, 2000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (stream.readyState === EventSource.CLOSED) connect();
    tryRefresh();
  });
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
})();
