// The board: drag and drop (mouse and touch), Shift+arrows, drop zones for won and lost.
// The server answers a move with everything that changed; a refusal puts the card back.
(() => {
  const { each } = window.voronka;
  const answer = "#board-answer";

  const deals = () => location.pathname.replace(/deals\/.*/, "deals/");

  function send(card, from, to, putBack) {
    const { number } = card.dataset;
    const board = card.closest("[data-board]");
    const { by, query } = board.dataset;
    const place = to.dataset.place;
    if (by === "group") {
      // A group is changed by choosing a product of it.
      putBack();
      return htmx.ajax("GET", `${deals()}${number}/place/?by=group&to=${place}`, { target: "#dialog", swap: "innerHTML" });
    }
    const url = `${deals()}${number}/${by === "stage" ? "move" : "place"}/?${query}`;
    const values = by === "stage" ? { stage: place, expected: from.dataset.place } : { by, to: place, expected: from.dataset.place };
    const failed = () => { putBack(); done(); };
    const after = (event) => {
      if (event.detail.requestConfig.path !== url) return;
      // A form that asks for what is missing (422) is swapped like a success, but nothing was moved.
      if (!event.detail.successful || event.detail.xhr.status >= 400) failed();
      else done();
    };
    const done = () => document.removeEventListener("htmx:afterRequest", after);
    document.addEventListener("htmx:afterRequest", after);
    return htmx.ajax("POST", url, { source: answer, target: answer, swap: "innerHTML", values });
  }

  function focusCard(id) {
    const link = document.getElementById(id)?.querySelector("[data-open]");
    if (link) link.focus({ preventScroll: true });
    link?.closest("[data-row]").scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // Cards are carried within their lane; a lane that is folded stays so.
  const FOLDED = `voronka-lanes:${deals()}`;
  const foldedLanes = () => new Set(JSON.parse(localStorage.getItem(FOLDED) || "[]"));
  const nameOf = (lane) => `${lane.closest("[data-rows]").dataset.rows}:${lane.dataset.lane}`;
  function fold(lane, folded) {
    lane.classList.toggle("is-folded", folded);
    lane.querySelector("[data-lane-fold]").setAttribute("aria-expanded", String(!folded));
  }
  each(".v-lane[data-lane]", (lane) => fold(lane, foldedLanes().has(nameOf(lane))));
  document.addEventListener("click", (event) => {
    const lane = event.target.closest?.("[data-lane-fold]")?.closest(".v-lane");
    if (!lane) return;
    const names = foldedLanes();
    const folded = !lane.classList.contains("is-folded");
    names[folded ? "add" : "delete"](nameOf(lane));
    localStorage.setItem(FOLDED, JSON.stringify([...names]));
    fold(lane, folded);
  });

  const groupOf = (column) => `deals${column.closest("[data-lane]")?.dataset.lane || ""}`;
  each("[data-movable] .v-col-cards", (column) => {
    const board = column.closest("[data-board]");
    const page = board.parentElement;
    const zones = page.querySelector("[data-drop-zones]");
    const showZones = (on) => { if (zones) zones.hidden = !on; };
    Sortable.create(column, {
      group: { name: groupOf(column), put: !column.hasAttribute("data-closed") },
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
          const form = `${deals()}${card.dataset.number}/${to.dataset.outcome}/`;
          htmx.ajax("GET", form, { target: "#dialog", swap: "innerHTML" });
        } else if (from !== to) send(card, from, to, putBack);
      },
    });
  });
  each("[data-drop-zones] [data-outcome]", (zone) => {
    Sortable.create(zone, { group: { name: "zone", pull: false, put: true }, sort: false, filter: "*" });
  });

  // Shift+← / Shift+→ carry the current card to the neighbouring stage.
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.code];
    if (!by || !event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const card = event.target.closest?.("[data-movable] .v-deal");
    if (!card || localStorage.getItem("voronka-keys") === "off") return;
    const columns = [...(card.closest(".v-lane") || card.closest("[data-board]")).querySelectorAll(".v-col-cards")];
    const from = card.parentElement;
    const to = columns[columns.indexOf(from) + by];
    if (!to || to.hasAttribute("data-closed")) return;
    event.preventDefault();
    const next = card.nextElementSibling;
    to.prepend(card);
    focusCard(card.id);
    send(card, from, to, () => { from.insertBefore(card, next); focusCard(card.id); }).then(() => {
      // What is missing is asked in the dialog: the keys belong to it then.
      if (!document.querySelector("dialog[open]")) focusCard(card.id);
    });
  });
})();
