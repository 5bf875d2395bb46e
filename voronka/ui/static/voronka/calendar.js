// The calendar: FullCalendar drawn from /calendar/entries/. One picture, or in the day view one beside the other for
// each colleague. Hours come and go as the reader's clock shows them, so FullCalendar is told that all of it is UTC.
(() => {
  const root = document.getElementById("calendar");
  if (!root || !window.FullCalendar) return;
  const set = JSON.parse(document.getElementById("calendar-settings").textContent);
  const VIEWS = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth", list: "listWeek" };
  const KEPT = "voronka-calendar-view";
  const narrow = matchMedia("(max-width: 640px)");
  const toneOf = new Map(set.people.map((person, i) => [person.id, `v-cal-p${i}`]));
  let view = set.view || localStorage.getItem(KEPT) || (narrow.matches ? "list" : "week");
  if (!VIEWS[view]) view = "week";
  let date = set.date;
  let shown = [];

  const make = (tag, css, text = "") => {
    const made = document.createElement(tag);
    if (css) made.className = css;
    made.textContent = text;
    return made;
  };
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: set.zone, dateStyle: "short", timeStyle: "medium" });
  const wallClock = () => clock.format(new Date()).replace(" ", "T");
  const wall = (moment) => moment.toISOString().slice(0, 19);
  const dayOf = (moment) => moment.toISOString().slice(0, 10);

  // ---- what is sent
  let pending = null;
  const onFailure = () => {
    const put = pending;
    pending = null;
    if (put) put();
  };
  root.addEventListener("refused", onFailure);
  root.addEventListener("htmx:sendError", onFailure);
  root.addEventListener("htmx:responseError", onFailure);

  function send(event, revert, more = {}) {
    const { move, due } = event.extendedProps;
    const values = { start: event.allDay ? dayOf(event.start) : wall(event.start), was_due_at: due, ...more };
    if (!event.allDay && event.end) values.minutes = Math.round((event.end - event.start) / 60000);
    pending = revert;
    return htmx.ajax("POST", move, { source: root, target: root, swap: "none", values });
  }

  // What the mouse does by dragging: Alt and the arrows.
  function nudge(press, event) {
    const steps = { ArrowLeft: { days: -1 }, ArrowRight: { days: 1 }, ArrowUp: { minutes: -15 }, ArrowDown: { minutes: 15 } };
    const step = press.altKey && steps[press.code];
    if (!step || !event.startEditable && !event.extendedProps.may) return;
    if (step.minutes && event.allDay) return;
    press.preventDefault();
    press.stopPropagation();
    const by = (step.days || 0) * 86400000 + (step.minutes || 0) * 60000;
    const moved = { allDay: event.allDay, start: new Date(+event.start + by), end: event.end && new Date(+event.end + by), extendedProps: event.extendedProps };
    root.dataset.focus = event.id;
    send(moved, () => delete root.dataset.focus);
  }

  // ---- what is drawn
  function content({ event, timeText, view: { type } }) {
    const { icon, kind, about, deal, repeats, there, owner, state } = event.extendedProps;
    const line = make("span", "v-cal-line");
    const sign = make("span", "v-cal-icon");
    sign.innerHTML = icon;
    sign.title = kind;
    line.append(make("span", "visually-hidden", spoken(event)), sign);
    if (timeText && type !== "listWeek") line.append(make("span", "v-cal-time", timeText));
    line.append(make("span", "v-cal-what", event.title));
    if (state !== "open") line.append(make("span", "visually-hidden", `(${set.words[state]})`));
    const nodes = [line];
    if (there) nodes.push(make("span", "v-cal-rest v-cal-there", set.words.there.replace("{time}", there)));
    if (repeats) {
      const mark = make("span", "v-cal-icon v-cal-again");
      mark.innerHTML = set.words.repeat_icon;
      line.append(mark);
      if (state !== "coming") line.append(make("span", "visually-hidden", `(${set.words.repeats})`));
    }
    const whom = [about, deal].filter(Boolean).join(" · ");
    if (whom) {
      nodes.push(make("span", "v-cal-rest", whom));
      // Where a second line has no room, the client follows in the first.
      const beside = make("span", "v-cal-beside", about || deal);
      beside.setAttribute("aria-hidden", "true");
      line.append(beside);
    }
    if (set.people.length > 1 && !type.startsWith("timeGrid")) {
      const person = set.people.find((one) => one.id === owner);
      if (person) {
        const badge = make("span", "v-cal-who", person.sign);
        badge.title = person.name;
        line.prepend(badge);
      }
    }
    return { domNodes: nodes };
  }

  const linkOf = (el) => (el.matches("a") ? el : el.querySelector("a"));

  const hinted = (event) => {
    const { kind, about, deal, repeats, state } = event.extendedProps;
    const hours = event.allDay ? "" : `${wall(event.start).slice(11, 16)} `;
    return [`${hours}${kind}: ${event.title}`, about, deal, state === "open" ? "" : set.words[state], repeats && state !== "coming" ? set.words.repeats : ""]
      .filter(Boolean).join("\n");
  };

  function mounted({ event, el }) {
    el.title = hinted(event);
    const link = linkOf(el);
    if (!link || !event.url) return;
    link.setAttribute("data-opens", "panel");
    link.addEventListener("keydown", (press) => nudge(press, event));
    if (root.dataset.focus === event.id) {
      delete root.dataset.focus;
      requestAnimationFrame(() => link.focus());
    }
  }

  function opened({ event, el, jsEvent }) {
    if (!event.url) return;
    if (jsEvent.ctrlKey || jsEvent.metaKey || jsEvent.shiftKey) return;
    jsEvent.preventDefault();
    htmx.ajax("GET", event.url, { source: linkOf(el), target: "#panel", swap: "innerHTML" });
  }

  function plan({ start, end, allDay }, owner) {
    if (!set.create) return;
    const query = new URLSearchParams({ mode: "plan", due_day: dayOf(start), owner });
    if (!allDay) {
      query.set("due_time", wall(start).slice(11, 16));
      query.set("minutes", Math.round((end - start) / 60000));
    }
    htmx.ajax("GET", `${set.create}?${query}`, { source: root, target: "#dialog", swap: "innerHTML" });
  }

  const query = (people) => {
    const params = new URLSearchParams();
    for (const person of people) params.append("who", person.id);
    for (const kind of set.kinds) params.append("kind", kind);
    if (set.open) params.set("state", "open");
    return params;
  };

  const note = document.querySelector("[data-cal-note]");
  function loader(people) {
    return async ({ start, end }) => {
      const params = query(people);
      params.set("start", dayOf(start));
      params.set("end", dayOf(end));
      const response = await fetch(`${set.entries}?${params}`, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      const told = await response.json();
      note.hidden = !told.note;
      note.querySelector("[data-cal-said]").textContent = told.note;
      return told.entries.map((entry) => ({
        ...entry,
        classNames: [`is-${entry.extendedProps.state}`, set.people.length > 1 ? toneOf.get(entry.extendedProps.owner) || "" : ""].filter(Boolean),
      }));
    };
  }

  // FullCalendar's tables only lay things out and call themselves grids, which may hold nothing that scrolls by the
  // keyboard. Each link says its day and hour itself.
  function reachable(place) {
    for (const part of place.querySelectorAll("[role=grid], [role=grid] [role]")) {
      if (part.matches("table")) part.setAttribute("role", "presentation");
      else part.removeAttribute("role");
    }
    for (const scroller of place.querySelectorAll(".fc-scroller-liquid-absolute, .fc-list .fc-scroller")) scroller.tabIndex = 0;
  }

  const spoken = (event) => {
    const moment = new Intl.DateTimeFormat(set.language, {
      timeZone: "UTC", weekday: "long", day: "numeric", month: "long", ...(event.allDay ? {} : { hour: "2-digit", minute: "2-digit" }),
    });
    return `${moment.format(event.start)}, ${event.extendedProps.kind}: `;
  };

  const awayOn = (day, people) => people.filter((person) => set.away[person.id]?.[day]);
  const kindOf = (day, people) => {
    if (day in set.off) return ["v-cal-off"];
    return awayOn(day, people).length === people.length ? ["v-cal-away"] : [];
  };
  // A holiday by name, an hour less before it, who is away.
  const saidOf = (day, people) =>
    [
      set.off[day],
      set.short.includes(day) ? set.words.short : "",
      ...awayOn(day, people).map((person) => `${person.id === set.me ? "" : `${person.name}: `}${set.away[person.id][day]}`),
    ].filter(Boolean).join(". ");

  function draw(place, people) {
    const owner = people.length === 1 ? people[0].id : set.me;
    const made = new FullCalendar.Calendar(place, {
      initialView: VIEWS[view],
      initialDate: date,
      timeZone: "UTC",
      now: wallClock,
      locale: set.language,
      firstDay: 1,
      headerToolbar: false,
      height: "100%",
      nowIndicator: true,
      businessHours: { daysOfWeek: [0, 1, 2, 3, 4, 5, 6], startTime: set.hours[0], endTime: set.hours[1] },
      scrollTime: set.hours[0].replace(/^(\d\d)/, (hours) => String(Math.max(0, hours - 1)).padStart(2, "0")),
      slotDuration: "00:30:00",
      snapDuration: "00:15:00",
      slotLabelInterval: "01:00",
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
      dayHeaderFormat: view === "month" ? { weekday: "short" } : { weekday: "short", day: "numeric" },
      dayMaxEvents: true,
      eventMinHeight: 22,
      eventShortHeight: 40,
      slotEventOverlap: false,
      eventMaxStack: view === "day" ? 6 : 3, // more are behind «+2»: narrower ones nobody reads
      defaultTimedEventDuration: "00:15",
      navLinks: true,
      navLinkDayClick: (day) => show("day", dayOf(day)),
      editable: true, // each entry says for itself whether it is; columns take only with this
      droppable: true,
      longPressDelay: 350,
      selectable: Boolean(set.create),
      selectMirror: true,
      unselectAuto: false,
      eventDisplay: "block",
      events: loader(people),
      eventContent: content,
      eventDidMount: mounted,
      eventClick: opened,
      eventDrop: (info) => send(info.event, info.revert),
      eventResize: (info) => send(info.event, info.revert),
      eventReceive: (info) => {
        send(info.event, refetch, { owner });
        info.event.remove();
      },
      select: (info) => plan(info, owner),
      dayCellClassNames: ({ date: day }) => kindOf(dayOf(day), people),
      dayHeaderClassNames: ({ date: day }) => (view !== "month" && dayOf(day) in set.off ? ["v-cal-off"] : []),
      dayHeaderDidMount: ({ date: day, el }) => {
        if (view !== "month") el.title = saidOf(dayOf(day), people);
      },
      dayCellDidMount: ({ date: day, el }) => (el.title = saidOf(dayOf(day), people)),
      datesSet: () => {
        tell(made);
        requestAnimationFrame(() => reachable(place));
      },
    });
    made.render();
    return made;
  }

  // ---- around it
  function tell(made) {
    date = dayOf(made.getDate());
    document.querySelector("[data-cal-title]").textContent = made.view.title;
    for (const button of document.querySelectorAll("[data-cal-view]")) button.setAttribute("aria-pressed", String(button.dataset.calView === view));
    const form = document.querySelector("[data-cal-filters]");
    form.elements.view.value = view;
    form.elements.date.value = date;
    const params = query(set.people.length === 1 && set.people[0].id === set.me ? [] : set.people);
    params.set("view", view);
    params.set("date", date);
    if (window.voronkaPanel?.isOpen()) return;
    history.replaceState(history.state, "", `${location.pathname}?${params}`);
    // The panel compares addresses when it closes.
    document.dispatchEvent(new CustomEvent("htmx:replacedInHistory"));
  }

  const named = (person) => {
    const head = make("span", toneOf.get(person.id));
    head.append(make("span", "v-cal-who", person.sign), person.name);
    return head;
  };

  function build() {
    for (const made of shown) made.destroy();
    root.replaceChildren();
    const beside = view === "day" && set.people.length > 1;
    root.classList.toggle("is-beside", beside);
    root.classList.toggle("is-list", view === "list");
    document.querySelector("[data-cal-legend]").replaceChildren(...(beside || set.people.length < 2 ? [] : set.people.map(named)));
    shown = (beside ? set.people.map((person) => [person]) : [set.people]).map((people) => {
      const column = make("section", "v-cal-col");
      if (beside) {
        const head = make("h2", "v-cal-name");
        head.append(named(people[0]));
        column.append(head);
      }
      const place = make("div", "v-cal-place");
      column.append(place);
      root.append(column);
      return draw(place, people);
    });
  }

  function show(next, day) {
    view = next;
    if (day) date = day;
    localStorage.setItem(KEPT, view);
    build();
  }
  const refetch = () => shown.forEach((made) => made.refetchEvents());

  document.addEventListener("click", (event) => {
    const turn = event.target.closest("[data-cal-go]");
    if (turn) {
      if (turn.dataset.calGo === "today") date = wallClock().slice(0, 10);
      for (const made of shown) turn.dataset.calGo === "today" ? made.gotoDate(date) : made[turn.dataset.calGo]();
    }
    const chosen = event.target.closest("[data-cal-view]");
    if (chosen) show(chosen.dataset.calView);
  });
  // Columns beside each other show the same hours.
  root.addEventListener("scroll", (event) => {
    if (shown.length < 2 || !event.target.matches?.(".fc-scroller-liquid-absolute")) return;
    for (const other of root.querySelectorAll(".fc-scroller-liquid-absolute")) if (other !== event.target && other.scrollTop !== event.target.scrollTop) other.scrollTop = event.target.scrollTop;
  }, true);
  document.body.addEventListener("refresh", refetch);
  document.getElementById("dialog-frame").addEventListener("close", () => shown.forEach((made) => made.unselect()));
  build();
})();
