// The board: drag and drop (mouse and touch), Shift+arrows, drop zones for won and lost.
// The server answers a move with everything that changed; a refusal puts the card back.
(() => {
  const { each } = window.voronka;
  const answer = "#board-answer";

  function send(card, stage, putBack) {
    const number = card.dataset.number;
    const board = card.closest("[data-board]");
    const from = card.dataset.stage;
    const url = `${location.pathname.replace(/deals\/.*/, "deals/")}${number}/move/?${board.dataset.query}`;
    const failed = () => { putBack(); done(); };
    const after = (event) => {
      if (event.detail.requestConfig.path !== url) return;
      if (!event.detail.successful) failed();
      else done();
    };
    const done = () => document.removeEventListener("htmx:afterRequest", after);
    document.addEventListener("htmx:afterRequest", after);
    return htmx.ajax("POST", url, { source: answer, target: answer, swap: "innerHTML", values: { stage, expected: from } });
  }

  function focusCard(id) {
    const link = document.getElementById(id)?.querySelector("[data-open]");
    if (link) link.focus({ preventScroll: true });
    link?.closest("[data-row]").scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  each("[data-board][data-movable]", (board) => {
    const page = board.parentElement;
    const zones = page.querySelector("[data-drop-zones]");
    const showZones = (on) => { if (zones) zones.hidden = !on; };
    const options = {
      group: "deals",
      draggable: ".v-deal",
      filter: ".v-pager",
      sort: false,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      delay: 220,
      delayOnTouchOnly: true,
      touchStartThreshold: 6,
      scrollSensitivity: 80,
      scrollSpeed: 14,
      ghostClass: "sortable-ghost",
      dragClass: "sortable-drag",
      onStart: () => showZones(true),
      onEnd: (event) => {
        showZones(false);
        const { item: card, from, to, oldIndex } = event;
        const putBack = () => from.insertBefore(card, from.querySelectorAll(":scope > .v-deal")[oldIndex] || from.querySelector(".v-pager"));
        if (to.dataset.outcome) {
          putBack();
          const form = `${location.pathname.replace(/deals\/.*/, "deals/")}${card.dataset.number}/${to.dataset.outcome}/`;
          htmx.ajax("GET", form, { target: "#dialog", swap: "innerHTML" });
        } else if (from !== to) send(card, to.dataset.stage, putBack);
      },
    };
    for (const column of board.querySelectorAll(".v-col-cards")) {
      const closed = column.hasAttribute("data-closed");
      Sortable.create(column, { ...options, group: { name: "deals", put: !closed } });
    }
    for (const zone of zones ? zones.querySelectorAll("[data-outcome]") : []) {
      Sortable.create(zone, { group: { name: "deals", pull: false }, sort: false, filter: "*" });
    }
  });

  // Shift+← / Shift+→ carry the current card to the neighbouring stage.
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.code];
    if (!by || !event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const card = event.target.closest?.("[data-movable] .v-deal");
    if (!card || localStorage.getItem("voronka-keys") === "off") return;
    const columns = [...card.closest("[data-board]").querySelectorAll(".v-col-cards")];
    const from = card.parentElement;
    const to = columns[columns.indexOf(from) + by];
    if (!to || to.hasAttribute("data-closed")) return;
    event.preventDefault();
    const next = card.nextElementSibling;
    to.prepend(card);
    focusCard(card.id);
    send(card, to.dataset.stage, () => { from.insertBefore(card, next); focusCard(card.id); }).then(() => focusCard(card.id));
  });
})();
