// Searchable selects and tags (Tom Select, loaded only when a page has one).
// `<select data-combobox>` searches its options; with `data-source` it asks that address `?q=` for
// {"items": [{value, text, hint}]}; with `data-create` a new entry can be made: its value is "new:" + the typed text.
(() => {
  const { words, each, load } = window.voronka;
  const escaped = (text) => {
    const box = document.createElement("span");
    box.textContent = text;
    return box.innerHTML;
  };

  function common(element) {
    return {
      maxOptions: 100,
      hideSelected: element.multiple,
      closeAfterSelect: !element.multiple,
      selectOnTab: true,
      openOnFocus: true,
      placeholder: element.getAttribute("placeholder") || element.dataset.placeholder || "",
      hidePlaceholder: true,
      render: {
        option: (data) => `<div>${escaped(data.text)}${data.hint ? `<small>${escaped(data.hint)}</small>` : ""}</div>`,
        item: (data) => `<div>${escaped(data.text)}</div>`,
        // What can be made on the spot is an answer: «nothing found» beside it would contradict.
        no_results: (data) => (element.dataset.create !== undefined && data.input.trim().length > 1 ? null : `<div class="no-results">${words.nothing_found}</div>`),
        option_create: (data) => `<div class="create">${words.create} <strong>${escaped(data.input)}</strong>…</div>`,
        loading: () => `<div class="no-results">${words.searching}</div>`,
      },
    };
  }

  // The hidden original must not speak: the box that stands in for it has the label.
  const silence = (element) => element.setAttribute("aria-hidden", "true");

  // A dialog scrolls and would cut the list off: inside one it floats above, and closes when the dialog scrolls.
  function float(box, element) {
    const scroller = element.closest("dialog");
    if (!scroller) return;
    const place = () => {
      const field = box.control.getBoundingClientRect();
      const below = innerHeight - field.bottom - 12;
      const above = field.top - 12;
      const up = below < 200 && above > below;
      Object.assign(box.dropdown.style, {
        left: `${field.left}px`, width: `${field.width}px`, maxHeight: `${Math.min(320, up ? above : below)}px`,
        top: up ? "auto" : `${field.bottom + 4}px`, bottom: up ? `${innerHeight - field.top + 4}px` : "auto",
      });
    };
    box.dropdown.classList.add("is-floating");
    box.on("dropdown_open", place);
    box.on("load", place);
    scroller.addEventListener("scroll", (event) => { if (!box.dropdown.contains(event.target)) box.close(); }, true);
  }

  // What is about to be made may be there already, out of one's reach too: …/options/ offers, …/same/ warns.
  function warnOfSame(box, element) {
    const place = document.createElement("div");
    box.wrapper.after(place);
    const ask = (value) => {
      if (!String(value).startsWith("new:")) return place.replaceChildren();
      const url = new URL(element.dataset.source, location.href);
      url.pathname = url.pathname.replace(/options\/$/, "same/");
      url.searchParams.set("name", box.options[value]?.text || String(value).slice(4));
      return htmx.ajax("GET", url.pathname + url.search, { target: place, swap: "innerHTML" });
    };
    box.on("change", ask);
    if (element.value) ask(element.value);
  }

  async function select(element) {
    await load(words.tom_select_js);
    if (element.tomselect || !element.isConnected) return;
    const options = common(element);
    options.plugins = element.multiple ? ["remove_button"] : element.required ? [] : ["clear_button"];
    if (element.dataset.create !== undefined) {
      options.create = (input) => ({ value: `new:${input.trim()}`, text: input.trim() });
      options.createFilter = (input) => input.trim().length > 1;
      options.persist = false;
    }
    if (element.dataset.source) {
      options.valueField = "value";
      options.labelField = "text";
      options.searchField = [];
      options.preload = "focus";
      options.loadThrottle = 180;
      options.score = () => () => 1; // the server has ranked them
      options.load = async function ask(query, done) {
        try {
          const url = new URL(element.dataset.source, location.href);
          url.searchParams.set("q", query);
          const response = await fetch(url, { headers: { Accept: "application/json" } });
          const found = response.ok ? await response.json() : [];
          this.clearOptions((option) => this.items.includes(String(option.value)));
          done(Array.isArray(found) ? found : found.items || found.results || []);
        } catch {
          done([]);
        }
      };
    }
    const box = new window.TomSelect(element, options);
    silence(element);
    float(box, element);
    if (element.dataset.create !== undefined && element.dataset.source) warnOfSame(box, element);
    box.on("item_add", () => { box.setTextboxValue(""); if (!element.multiple) box.blur(); });
  }

  async function tags(element) {
    await load(words.tom_select_js);
    if (element.tomselect || !element.isConnected) return;
    const known = (element.dataset.tags || "").split(",").map((tag) => tag.trim()).filter(Boolean);
    const options = common(element);
    options.hideSelected = true;
    options.closeAfterSelect = false;
    options.create = true;
    options.delimiter = ",";
    options.plugins = ["remove_button"];
    options.options = known.map((tag) => ({ value: tag, text: tag }));
    float(new window.TomSelect(element, options), element);
    silence(element);
  }

  each("select[data-combobox]", select);
  each("input[data-tags]", tags);
})();
