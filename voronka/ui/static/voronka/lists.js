// Lists: order by several heads, columns moved and resized, rows chosen, values edited in their cells, the filter builder.
(() => {
  const { each, words, cookie } = window.voronka;
  const list = () => document.getElementById("list");
  const load = (element) => {
    htmx.process(element);
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: element } }));
  };
  const quietPost = (url, values) =>
    fetch(url, { method: "POST", headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" }, body: new URLSearchParams(values) });

  // Of many tabs on a narrow screen the present one is in sight.
  each(".v-list-tabs [aria-current], .v-list-viewtabs [aria-current]", (tab) => {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.clientWidth) / 2;
  });

  // ---- order: Shift adds a head to the order. Before app.js, which leaves Shift+click to the browser.
  window.addEventListener("click", (event) => {
    const link = event.shiftKey && event.target.closest?.("[data-sort-more]");
    if (!link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    history.replaceState(history.state, "", link.dataset.sortMore);
    htmx.ajax("GET", link.dataset.sortMore, { target: "#list", swap: "outerHTML" });
  }, true);

  // ---- widths
  const MIN = 60;
  const MAX = 800;
  let saving;
  function setWidth(grip, width, save) {
    const head = grip.closest("th");
    const table = head.closest("table");
    const column = table.querySelector(`col[data-col="${CSS.escape(head.dataset.col)}"]`);
    const now = Math.round(Math.min(MAX, Math.max(MIN, width)));
    const before = parseInt(column.style.width, 10);
    column.style.width = `${now}px`;
    const whole = parseInt(table.style.getPropertyValue("--list-width"), 10);
    table.style.setProperty("--list-width", `${whole + now - before}px`);
    grip.setAttribute("aria-valuenow", String(now));
    if (!save) return;
    clearTimeout(saving);
    saving = setTimeout(() => {
      const box = list();
      const widths = JSON.stringify({ [head.dataset.col]: now });
      quietPost(box.dataset.layoutUrl, { view: box.dataset.view, widths });
    }, 300);
  }
  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.("[data-resize]");
    if (!grip) return;
    event.preventDefault();
    event.stopPropagation();
    const from = event.clientX;
    const width = grip.closest("th").getBoundingClientRect().width;
    grip.classList.add("is-on");
    grip.setPointerCapture(event.pointerId);
    const move = (moved) => setWidth(grip, width + moved.clientX - from, false);
    const up = (moved) => {
      grip.removeEventListener("pointermove", move);
      grip.classList.remove("is-on");
      setWidth(grip, width + moved.clientX - from, true);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", up, { once: true });
  });
  document.addEventListener("keydown", (event) => {
    const grip = event.target.closest?.("[data-resize]");
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (grip && by) {
      event.preventDefault();
      setWidth(grip, grip.closest("th").getBoundingClientRect().width + by, true);
    }
  });

  // ---- order of columns: dragged, or Alt with the arrows on a head
  const named = (row) => [...row.querySelectorAll("th[data-col]")].map((head) => head.dataset.col);
  async function keepOrder(columns) {
    const box = list();
    await quietPost(box.dataset.layoutUrl, { view: box.dataset.view, columns: columns.join(",") });
    htmx.trigger(document.body, "refresh");
  }
  each(".v-rows thead tr", (row) => {
    if (!window.Sortable) return;
    window.Sortable.create(row, {
      draggable: "th[data-col]:not(.v-list-main)",
      filter: "[data-resize]",
      preventOnFilter: false,
      delay: 180,
      delayOnTouchOnly: true,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      onMove: (event) => !event.related.matches(".v-list-main, .v-list-check"),
      onEnd: (event) => event.oldIndex !== event.newIndex && keepOrder(named(row)),
    });
  });
  document.addEventListener("keydown", (event) => {
    const head = event.altKey && event.target.closest?.(".v-rows th[data-col]:not(.v-list-main)");
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!head || !by) return;
    event.preventDefault();
    const columns = named(head.parentElement);
    const at = columns.indexOf(head.dataset.col);
    const to = at + by;
    if (to < 1 || to >= columns.length) return;
    [columns[at], columns[to]] = [columns[to], columns[at]];
    focusAfter = head.dataset.col;
    keepOrder(columns);
  });
  let focusAfter = "";
  each(".v-list", (box) => {
    const scroll = box.querySelector(".v-list-scroll");
    scroll?.addEventListener("scroll", () => scroll.classList.toggle("is-scrolled", scroll.scrollLeft > 0), { passive: true });
    if (!focusAfter) return;
    box.querySelector(`th[data-col="${CSS.escape(focusAfter)}"] a`)?.focus();
    focusAfter = "";
  });
  // What was scrolled stays so when the list draws itself anew.
  let left = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "list") {
      const scroll = document.querySelector(".v-list-scroll");
      const same = event.detail.requestConfig.triggeringEvent?.type === "refresh";
      left = scroll ? { x: scroll.scrollLeft, y: same ? scroll.scrollTop : 0 } : null;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const scroll = left && event.detail.target?.id === "list" && document.querySelector(".v-list-scroll");
    if (scroll) scroll.scrollTo(left.x, left.y);
  });

  // ---- choosing rows
  const chosen = new Set();
  let every = false;
  let lastBox = null;
  const boxes = () => [...document.querySelectorAll(".v-rows [data-check]")];
  function showChosen() {
    const box = list();
    const bar = box?.querySelector("[data-list-bulk]");
    if (!bar) return;
    for (const check of boxes()) {
      check.checked = every || chosen.has(check.value);
      check.closest("tr").classList.toggle("is-chosen", check.checked);
    }
    const on = boxes().filter((check) => check.checked).length;
    const all = box.querySelector("[data-list-all]");
    if (all) {
      all.checked = on > 0 && on === boxes().length;
      all.indeterminate = on > 0 && on < boxes().length;
    }
    const total = box.querySelector("[data-total]")?.dataset.total;
    const count = every ? Number(total || chosen.size) : chosen.size;
    bar.hidden = count === 0;
    bar.querySelector("[data-list-count]").textContent = count.toLocaleString(document.documentElement.lang);
    const more = bar.querySelector("[data-list-every]");
    more.hidden = every || on < boxes().length || (total && Number(total) <= chosen.size) || (!total && !box.querySelector(".v-more"));
  }
  function forgetChosen() {
    chosen.clear();
    every = false;
    showChosen();
  }
  document.addEventListener("change", (event) => {
    const check = event.target;
    if (check.matches?.("[data-list-all]")) {
      every = false;
      chosen.clear();
      if (check.checked) for (const box of boxes()) chosen.add(box.value);
    } else if (check.matches?.(".v-rows [data-check]")) {
      if (every) {
        every = false;
        chosen.clear();
        for (const box of boxes()) if (box !== check) chosen.add(box.value);
      }
      chosen[check.checked ? "add" : "delete"](check.value);
      lastBox = check;
    } else return;
    showChosen();
  });
  // Shift chooses everything between two boxes.
  document.addEventListener("click", (event) => {
    const check = event.target.closest?.(".v-rows [data-check]");
    if (!check || !event.shiftKey || !lastBox?.isConnected) return;
    const all = boxes();
    const [from, to] = [all.indexOf(lastBox), all.indexOf(check)].sort((a, b) => a - b);
    for (const box of all.slice(from, to + 1)) chosen[check.checked ? "add" : "delete"](box.value);
    showChosen();
  });
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    if (hit("[data-list-none]")) forgetChosen();
    else if (hit("[data-list-every]")) {
      every = true;
      showChosen();
    } else if (hit("[data-list-verb]")) {
      const box = list();
      const url = new URL(hit("[data-list-verb]").dataset.listVerb, location.href);
      for (const [name, value] of new URLSearchParams(box.dataset.query)) url.searchParams.append(name, value);
      url.searchParams.set("columns", box.dataset.columns);
      if (every) url.searchParams.set("all", "1");
      else url.searchParams.set("ids", [...chosen].join(","));
      htmx.ajax("GET", url.pathname + url.search, { target: "#dialog", swap: "innerHTML" });
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.detail.target?.closest?.(".v-list, tbody") && event.detail.target?.id !== "list") return;
    showChosen();
  });
  // After a bulk action the rows are not what they were when they were chosen.
  document.addEventListener("dialog:close", () => chosen.size > 1 || every ? forgetChosen() : undefined);
  // Another filter, another choice.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "list" && event.detail.requestConfig.triggeringEvent?.type !== "refresh") {
      chosen.clear();
      every = false;
    }
  });

  // ---- a press anywhere on a row opens it
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".v-rows tbody tr[data-row]");
    if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, textarea, label, form, .v-list-check")) return;
    if (String(getSelection()) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    row.querySelector("[data-open]")?.click();
  });

  // ---- values edited in their cells
  const pencil = document.createElement("button");
  pencil.type = "button";
  pencil.className = "v-cell-pencil";
  pencil.tabIndex = -1;
  pencil.innerHTML = '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" stroke-width="1.75" stroke="currentColor" fill="none" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M4 20h4l10.5 -10.5a2.828 2.828 0 1 0 -4 -4l-10.5 10.5v4"/><path d="M13.5 6.5l4 4"/></svg>';
  pencil.setAttribute("aria-label", words.edit || "Edit");
  const offer = (event) => {
    const cell = event.target.closest?.(".v-rows .is-editable");
    if (!cell) pencil.remove();
    // Put in anew while it is being pressed, it would lose the press.
    else if (pencil.parentElement !== cell && !cell.classList.contains("is-editing")) cell.append(pencil);
  };
  document.addEventListener("pointerover", offer);
  document.addEventListener("focusin", offer);

  const shown = new WeakMap();
  function edit(cell) {
    if (!cell.classList.contains("is-editable") || cell.classList.contains("is-editing")) return;
    const box = list();
    const row = cell.closest("tr");
    pencil.remove();
    shown.set(cell, cell.innerHTML);
    cell.classList.add("is-editing");
    const url = box.dataset.cellUrl.replace("/0/field/", `/${row.dataset.id}/${cell.dataset.cell}/`);
    const query = new URLSearchParams(box.dataset.query);
    query.set("columns", box.dataset.columns);
    htmx.ajax("GET", `${url}?${query}`, { target: cell, swap: "innerHTML" }).then(() => {
      const form = cell.querySelector("[data-cell-form]");
      if (!form) return leave(cell);
      const input = form.querySelector("[name=value]");
      if (input.tomselect) {
        input.tomselect.focus();
        return undefined;
      }
      input.focus();
      if (input.select && input.type !== "date") input.select();
      if (input instanceof HTMLSelectElement && !input.matches("[data-combobox]")) {
        try { input.showPicker(); } catch { /* only allowed right after a click */ }
      }
      return undefined;
    });
  }
  function leave(cell, focus = true) {
    if (!shown.has(cell)) return;
    cell.innerHTML = shown.get(cell);
    shown.delete(cell);
    cell.classList.remove("is-editing");
    load(cell);
    if (focus) cell.focus({ preventScroll: true });
  }
  const valuesOf = (form) => new FormData(form).getAll("value").join(",").replace(/[\s\u00a0]/g, "").replace(",", ".");
  const isUnchanged = (form) => valuesOf(form) === form.querySelector("[name=was]").value.replace(/[\s\u00a0]/g, "").replace(",", ".").replace(/\.00$/, "");
  // Where the caret goes when the row comes back: [row, cell, edit at once].
  let next = null;
  function save(form, then) {
    const cell = form.closest("[data-cell]");
    next = then;
    if (isUnchanged(form)) {
      leave(cell, !then?.edit);
      goOn();
    } else form.requestSubmit();
  }
  function goOn() {
    if (!next) return;
    const cell = document.querySelector(`tr[data-id="${CSS.escape(next.row)}"] [data-cell="${CSS.escape(next.cell)}"]`);
    const { edit: again } = next;
    next = null;
    if (!cell) return;
    cell.focus({ preventScroll: true });
    if (again) edit(cell);
  }
  const place = (cell, again) => ({ row: cell.closest("tr").dataset.id, cell: cell.dataset.cell, edit: again });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".v-cell-pencil")) {
      event.preventDefault();
      event.stopPropagation();
      edit(pencil.closest("[data-cell]"));
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-cell-form]");
    if (form && !event.isComposing) {
      const cell = form.closest("[data-cell]");
      const picking = form.querySelector(".ts-wrapper.dropdown-active");
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        leave(cell);
      } else if (event.key === "Tab") {
        const all = [...cell.closest("tr").querySelectorAll(".is-editable")];
        const to = all[all.indexOf(cell) + (event.shiftKey ? -1 : 1)];
        event.preventDefault();
        save(form, place(to || cell, Boolean(to)));
      } else if (event.key === "Enter" && !picking && (!event.target.matches("textarea") || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        save(form, place(cell, false));
      }
      return;
    }
    const cell = event.target.closest?.(".v-rows [data-cell]");
    if (!cell || event.target !== cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const cells = [...cell.closest("tr").querySelectorAll("[data-cell]")];
    const at = cells.indexOf(cell);
    let to = null;
    if (event.key === "ArrowRight") to = cells[at + 1];
    else if (event.key === "ArrowLeft") to = cells[at - 1];
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      let row = cell.closest("tr");
      do row = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling; while (row && !row.matches("[data-row]"));
      to = row?.querySelectorAll("[data-cell]")[at];
    } else if (event.key === "F2" || event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (cell.matches(".is-editable")) edit(cell);
      else if (event.key === "Enter") cell.closest("tr").querySelector("[data-open]")?.click();
      return;
    } else return;
    event.preventDefault();
    to?.focus();
    to?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, true);
  // From the link of a row the arrows lead into its cells.
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.(".v-rows [data-open]");
    if (!link || !["ArrowRight", "F2"].includes(event.key)) return;
    event.preventDefault();
    const cell = link.closest("[data-cell]");
    if (event.key === "F2") edit(cell);
    else cell.nextElementSibling?.focus();
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("[data-cell-form]");
    if (form && event.target.matches("select[name=value]:not([multiple])")) save(form, place(form.closest("[data-cell]"), false));
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.("[data-cell-form]");
    if (!form || form.contains(event.relatedTarget)) return;
    setTimeout(() => {
      if (!form.isConnected || form.contains(document.activeElement) || form.querySelector("[aria-busy]")) return;
      // A refused value stays open with its reason.
      if (form.querySelector("[data-form-error]").childElementCount) return;
      if (isUnchanged(form)) leave(form.closest("[data-cell]"), false);
      else if (document.hasFocus()) form.requestSubmit();
    }, 150);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.elt?.matches?.("[data-cell-form]")) goOn();
  });
  // Sums follow what was changed in a cell.
  document.addEventListener("list:totals", () => {
    const box = list();
    const foot = document.getElementById("list-foot");
    const total = foot?.getAttribute("hx-get") || (box && `${box.dataset.totalsUrl}`);
    if (foot && total) htmx.ajax("GET", total, { target: "#list-foot", swap: "outerHTML" });
  });

  // ---- the filter builder
  const builderOf = (element) => element.closest("[data-builder]");
  function tree(group) {
    const joint = group.querySelector(":scope > .v-group-head [aria-checked=true]")?.dataset.joint || "and";
    const items = [];
    for (const item of group.querySelector(":scope > [data-items]").children) {
      if (item.matches("[data-group]")) {
        const inner = tree(item);
        if (inner.length > 1) items.push(inner);
      } else if (item.matches("[data-cond]")) {
        const values = [...item.querySelectorAll("[name=value]")].flatMap((input) =>
          input.multiple ? [...input.selectedOptions].map((option) => option.value) : [input.value.replace(/[\u00a0 ]/g, input.matches("[data-money]") ? "" : " ").trim()]);
        const op = item.querySelector("[name=op]").value;
        const asks = item.querySelector("[name=value]");
        if (asks && values.every((value) => value === "")) continue;
        items.push([item.querySelector("[name=field]").value, op, ...values]);
      }
    }
    return [joint, ...items];
  }
  function read(form) {
    const where = tree(form.querySelector("[data-group]"));
    form.querySelector("[data-builder-where]").value = where.length > 1 ? JSON.stringify(where) : "[]";
    const count = form.querySelectorAll("[data-cond]").length;
    const most = Number(form.dataset.most);
    form.querySelector("[data-builder-much]").hidden = count <= most;
    for (const add of form.querySelectorAll("[data-cond-add]")) add.disabled = count >= most;
    return count <= most;
  }
  function addRow(group) {
    const form = builderOf(group);
    const row = form.querySelector("[data-builder-row]").content.firstElementChild.cloneNode(true);
    group.querySelector(":scope > [data-items]").append(row);
    load(row);
    row.querySelector("select, input:not([type=hidden])")?.focus();
    read(form);
    return row;
  }
  each("[data-builder]", (form) => {
    if (!form.querySelector("[data-cond]")) addRow(form.querySelector("[data-group]"));
    read(form);
  });
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    const form = hit("[data-builder]");
    if (!form) return;
    if (hit("[data-cond-add]")) addRow(hit("[data-group]"));
    else if (hit("[data-group-add]")) {
      const outer = hit("[data-group]");
      const group = form.querySelector("[data-builder-group]").content.firstElementChild.cloneNode(true);
      const depth = Number(outer.dataset.depth) + 1;
      group.dataset.depth = String(depth);
      if (depth >= 3) group.querySelector("[data-group-add]").remove();
      outer.querySelector(":scope > [data-items]").append(group);
      addRow(group);
    } else if (hit("[data-cond-remove]")) hit("[data-cond]").remove();
    else if (hit("[data-group-remove]")) hit("[data-group]").remove();
    else if (hit("[data-joint]")) {
      for (const other of hit("[role=radiogroup]").children) other.setAttribute("aria-checked", String(other === hit("[data-joint]")));
    } else if (hit("[data-builder-clear]")) form.querySelector("[data-items]").replaceChildren();
    else return;
    read(form);
  });
  document.addEventListener("change", (event) => {
    const row = event.target.closest?.("[data-cond]");
    if (!row) return;
    if (event.target.matches("[name=field], [name=op]")) htmx.trigger(row, "cond:changed");
    read(builderOf(row));
  });
  document.addEventListener("input", (event) => {
    const row = event.target.closest?.("[data-cond]");
    if (!row) return;
    for (const bad of row.querySelectorAll(".is-invalid")) {
      bad.classList.remove("is-invalid");
      bad.removeAttribute("aria-invalid");
    }
    row.querySelector("[data-cond-bad]").hidden = true;
    read(builderOf(row));
  });
  // A value that nobody understands is told at its field and stays; nothing is asked without it.
  document.addEventListener("invalid", (event) => {
    const bad = event.target.closest?.("[data-cond]")?.querySelector("[data-cond-bad]");
    if (!bad || !event.target.dataset.bad) return;
    event.preventDefault();
    bad.textContent = event.target.dataset.bad;
    bad.hidden = false;
    event.target.classList.add("is-invalid");
    event.target.setAttribute("aria-invalid", "true");
    if (builderOf(bad).querySelector(".is-invalid") === event.target) event.target.focus();
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("[data-builder]") || read(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt;
    if (!form.matches?.("[data-builder]")) return;
    // Only the tree goes to the address, not the controls it was read from.
    read(form);
    for (const name of ["field", "op", "value", "before"]) {
      if (event.detail.parameters instanceof FormData) event.detail.parameters.delete(name);
      delete event.detail.parameters[name];
    }
    event.detail.parameters.where = form.querySelector("[data-builder-where]").value;
  });
  // The same without htmx (the board's builder is a plain form).
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("[data-builder]:not([hx-get])")) return;
    for (const field of form.querySelectorAll("[data-cond] [name]")) field.disabled = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = event.detail;
    if (successful && elt.matches?.("[data-builder-closes]")) document.getElementById("dialog-frame")?.close();
  });

  // ---- the column chooser
  each("[data-chooser-list]", (box) => {
    if (window.Sortable) window.Sortable.create(box, { handle: ".v-chooser-grip", draggable: "li:not(.is-fixed)", animation: 120, onMove: (event) => !event.related.matches(".is-fixed") });
  });
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    const item = hit("[data-chooser-list] li");
    if (!item) return;
    if (hit("[data-chooser-up]") && item.previousElementSibling && !item.previousElementSibling.matches(".is-fixed")) item.previousElementSibling.before(item);
    else if (hit("[data-chooser-down]") && item.nextElementSibling) item.nextElementSibling.after(item);
    else if (hit("[data-chooser-off]")) {
      const form = item.closest("[data-chooser]");
      const box = form.querySelector("[data-chooser-add]");
      const option = { value: item.dataset.column, text: item.querySelector(".v-chooser-name").textContent };
      if (box.tomselect) box.tomselect.addOption(option);
      item.remove();
      return;
    } else return;
    event.target.closest("button").focus();
  });
  document.addEventListener("change", (event) => {
    const box = event.target.closest?.("[data-chooser-add]");
    if (!box || !box.value) return;
    const form = box.closest("[data-chooser]");
    const item = form.querySelector("[data-chooser-item]").content.firstElementChild.cloneNode(true);
    const label = box.selectedOptions[0].textContent;
    item.dataset.column = box.value;
    item.querySelector("input").value = box.value;
    item.querySelector(".v-chooser-name").textContent = label;
    for (const button of item.querySelectorAll("button")) button.setAttribute("aria-label", `${button.getAttribute("aria-label")}: ${label}`);
    form.querySelector("[data-chooser-list]").append(item);
    const { value } = box;
    if (box.tomselect) {
      box.tomselect.clear(true);
      box.tomselect.removeOption(value);
      // Emptied while it closes, it opens again behind its own back, and nothing but this closes it.
      setTimeout(() => {
        box.tomselect.blur();
        box.tomselect.close();
      }, 60);
    } else box.querySelector(`option[value="${CSS.escape(value)}"]`).remove();
    item.scrollIntoView({ block: "nearest" });
  });
})();
