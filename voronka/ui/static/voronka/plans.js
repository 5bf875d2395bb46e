// The grid of plans: a block pasted from a spreadsheet, filling to the right, arrow keys, sums while typing. Only
// changed cells are sent.
(() => {
  const { each } = window.voronka;
  const NBSP = "\u00a0";
  const read = (text) => {
    const [, body, unit] = text.toLowerCase().replace(/[\s\u00a0\u202f₽]/g, "").match(/^(.*?)(млрд|млн|тыс|k|m)?\.?$/) || [];
    if (!body) return null;
    return Number(body.replace(",", ".")) * ({ млрд: 1e9, млн: 1e6, m: 1e6, тыс: 1e3, k: 1e3 }[unit] || 1);
  };
  const shown = (sum) => (sum === null ? "—" : String(Math.round(sum * 100) / 100).replace(".", ",").replace(/\B(?<!,\d*)(?=(\d{3})+(?!\d))/g, NBSP));

  // A year of many sellers is wide enough: its sums are short, the exact ones on pointing at them.
  const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
  const total = (cell, sum) => {
    cell.textContent = sum === null ? "—" : short.format(sum);
    cell.title = shown(sum);
  };

  each("form[data-plans]", (form) => {
    const rows = [...form.querySelectorAll("tbody tr[data-kind=member]")];
    const grid = rows.map((row) => [...row.querySelectorAll("td")].slice(0, 12).map((cell) => cell.querySelector(".v-plan-cell")));
    const inputs = grid.flat().filter(Boolean);
    const save = form.querySelector("[data-save]");
    const note = form.querySelector("[data-changed]");
    // The present month is in sight, however narrow the screen.
    const now = form.querySelector("th.is-now");
    const wrap = form.querySelector(".v-plans");
    if (now && wrap) wrap.scrollLeft = Math.max(0, now.offsetLeft + now.offsetWidth - wrap.clientWidth);
    let last = null;
    const placeOf = (input) => {
      const r = grid.findIndex((cells) => cells.includes(input));
      return [r, grid[r].indexOf(input)];
    };
    const isChanged = (input) => read(input.value) !== read(input.defaultValue);

    const valueAt = (row, month) => {
      const cell = row.querySelectorAll("td")[month];
      const input = cell.querySelector(".v-plan-cell");
      return read(input ? input.value : cell.querySelector(".v-plan-shown").dataset.value || "");
    };
    const add = (values) => values.reduce((sum, value) => (value === null || Number.isNaN(value) ? sum : (sum || 0) + value), null);

    function recount() {
      const changed = inputs.filter(isChanged);
      if (save) save.disabled = changed.length === 0;
      if (note) {
        note.hidden = changed.length === 0;
        note.querySelector("b").textContent = String(changed.length);
      }
      for (const input of inputs) input.classList.toggle("is-changed", isChanged(input));
      for (const row of rows) total(row.querySelector("[data-total]"), add([...Array(12).keys()].map((month) => valueAt(row, month))));
      for (const head of form.querySelectorAll("tr[data-kind=team], tr[data-kind=total]")) {
        const inside = rows.filter((row) => row.dataset.in.split(" ").includes(head.dataset.sum));
        const sums = [...Array(12).keys()].map((month) => add(inside.map((row) => valueAt(row, month))));
        const cells = head.querySelectorAll("td .v-plan-shown:not([data-total])");
        sums.forEach((sum, month) => { cells[month].textContent = shown(sum); });
        total(head.querySelector("[data-total]"), add(sums));
      }
    }

    function put(input, text) {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }

    form.addEventListener("input", recount);
    form.addEventListener("focusin", (event) => {
      if (!event.target.matches(".v-plan-cell")) return;
      last = event.target;
      last.select();
    });
    form.addEventListener("paste", (event) => {
      if (!event.target.matches(".v-plan-cell")) return;
      const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
      if (!/[\t\n]/.test(text)) return;
      event.preventDefault();
      const [top, left] = placeOf(event.target);
      text.split("\n").forEach((line, down) => {
        line.split("\t").forEach((value, right) => {
          const input = grid[top + down]?.[left + right];
          if (input) put(input, value.trim());
        });
      });
    });
    form.addEventListener("keydown", (event) => {
      if (!event.target.matches(".v-plan-cell")) return;
      const down = { ArrowDown: 1, ArrowUp: -1, Enter: event.ctrlKey || event.metaKey ? 0 : 1 }[event.key];
      if (!down) return;
      event.preventDefault();
      const [row, column] = placeOf(event.target);
      for (let r = row + down; r >= 0 && r < grid.length; r += down) {
        if (grid[r][column]) return grid[r][column].focus();
      }
      return undefined;
    });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-fill]");
      if (!button) return;
      const start = last || inputs.find((input) => input.value) || inputs[0];
      if (!start) return;
      const [row, column] = placeOf(start);
      if (button.dataset.fill === "right") {
        for (const input of grid[row].slice(column + 1)) if (input) put(input, start.value);
      } else if (column > 0) {
        for (const cells of grid) if (cells[column] && cells[column - 1]) put(cells[column], cells[column - 1].value);
      }
      start.focus();
    });
    // What was not touched is not sent: a large grid stays small, and other people's changes are not in the way.
    form.addEventListener("formdata", (event) => {
      for (const input of inputs) {
        if (isChanged(input)) continue;
        event.formData.delete(input.name);
        event.formData.delete(`was_${input.name}`);
      }
    });
    let leaving = false;
    form.addEventListener("submit", () => { leaving = true; });
    window.addEventListener("beforeunload", (event) => {
      if (!leaving && form.isConnected && inputs.some(isChanged)) event.preventDefault();
    });
  });
})();
