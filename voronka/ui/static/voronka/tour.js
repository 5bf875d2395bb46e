// A tour of the screen: a ring around one place after another, and a few words beside it. Arrows, Enter and Esc work;
// what is not on the screen is passed over; where the focus was, it comes back to.
(() => {
  let going = null;

  const shown = (place) =>
    [...document.querySelectorAll(place)].find((element) => element.getClientRects().length > 0);

  const part = (name, className, text = "") => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };

  function note(tour) {
    tour.querySelector("[data-tour-offer]")?.remove();
    window.htmx.ajax("POST", tour.dataset.seenUrl, { source: tour, swap: "none" });
  }

  function start(tour) {
    if (going) return;
    const stops = JSON.parse(document.getElementById("tour-stops").textContent).filter((stop) => shown(stop.place));
    note(tour);
    if (!stops.length) return;
    const [back, next, end, of] = tour.dataset.words.split("|");
    const ring = part("div", "v-tour-ring");
    const card = part("div", "v-tour-card");
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-labelledby", "tour-title");
    card.setAttribute("aria-describedby", "tour-text");
    card.tabIndex = -1;
    const title = part("h2", "v-tour-title");
    title.id = "tour-title";
    const text = part("p", "v-tour-text");
    text.id = "tour-text";
    const foot = part("div", "v-tour-foot");
    const place = part("span", "v-quiet v-num");
    const backward = part("button", "btn btn-sm", back);
    const forward = part("button", "btn btn-sm btn-primary");
    const close = part("button", "btn btn-sm btn-ghost-secondary", end);
    for (const button of [backward, forward, close]) button.type = "button";
    foot.append(place, close, backward, forward);
    card.append(title, text, foot);
    document.body.append(ring, card);
    going = { stops, at: 0, ring, card, title, text, place, backward, forward, of, next, end, before: document.activeElement };
    backward.addEventListener("click", () => go(-1));
    forward.addEventListener("click", () => go(1));
    close.addEventListener("click", stop);
    show();
  }

  function go(step) {
    const at = going.at + step;
    if (at >= going.stops.length) return stop();
    going.at = Math.max(0, at);
    show();
  }

  function show() {
    const { stops, at, card, title, text, place, backward, forward, of, next, end } = going;
    title.textContent = stops[at].title;
    text.textContent = stops[at].text;
    place.textContent = `${at + 1} ${of} ${stops.length}`;
    backward.hidden = at === 0;
    forward.textContent = at + 1 === stops.length ? end : next;
    shown(stops[at].place)?.scrollIntoView({ block: "nearest" });
    put();
    card.focus({ preventScroll: true });
  }

  function put() {
    const { ring, card, stops, at } = going;
    const element = shown(stops[at].place);
    if (!element) return go(1);
    const box = element.getBoundingClientRect();
    const pad = 6;
    const top = Math.max(4, box.top - pad);
    const bottom = Math.min(window.innerHeight - 4, box.bottom + pad);
    Object.assign(ring.style, {
      top: `${top}px`,
      left: `${Math.max(4, box.left - pad)}px`,
      width: `${Math.min(window.innerWidth - 8, box.width + 2 * pad)}px`,
      height: `${Math.max(0, bottom - top)}px`,
    });
    const size = card.getBoundingClientRect();
    const below = bottom + 12 + size.height < window.innerHeight;
    const above = top - 12 - size.height > 0;
    const y = below ? bottom + 12 : above ? top - 12 - size.height : window.innerHeight - size.height - 16;
    const x = Math.min(Math.max(12, box.left), window.innerWidth - size.width - 12);
    Object.assign(card.style, { top: `${y}px`, left: `${x}px` });
  }

  function stop() {
    if (!going) return;
    going.ring.remove();
    going.card.remove();
    const before = going.before;
    going = null;
    if (before?.isConnected) before.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const tour = document.querySelector("[data-tour]");
    if (!tour) return;
    if (event.target.closest?.("[data-tour-start]")) start(tour);
    else if (event.target.closest?.("[data-tour-no]")) note(tour);
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (!going) return;
      const inCard = going.card.contains(document.activeElement);
      if (event.key === "Escape") stop();
      else if (event.key === "ArrowRight") go(1);
      else if (event.key === "ArrowLeft") go(-1);
      else if (event.key === "Enter" && document.activeElement === going.card) go(1);
      else if (event.key === "Tab" && inCard) {
        // The focus stays in the card while the tour goes on.
        const buttons = [...going.card.querySelectorAll("button:not([hidden])")];
        const last = event.shiftKey ? buttons[0] : buttons.at(-1);
        if (document.activeElement !== last && !(event.shiftKey && document.activeElement === going.card)) return;
        (event.shiftKey ? buttons.at(-1) : buttons[0]).focus();
      } else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  window.addEventListener("resize", () => going && put());
  document.addEventListener("scroll", () => going && put(), true);
  // The menu offers the tour only where there is one.
  const mark = () => {
    for (const item of document.querySelectorAll("[data-tour-menu]")) item.hidden = !document.querySelector("[data-tour]");
  };
  document.addEventListener("DOMContentLoaded", mark);
  document.addEventListener("htmx:afterSettle", mark);
})();
