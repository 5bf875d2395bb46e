// `voronka.morph(old, fresh)` makes *old* read like *fresh* by touching only what differs, so that scrolling, focus,
// typing, open menus and chosen rows outlive a refresh. What one is busy with stays as it is: forms with fields, editors in
// place, open menus, and parts that refresh themselves.
(() => {
  // States of the page that the server knows nothing of.
  const OWN_CLASSES = ["show", "is-chosen", "is-scrolled", "is-current", "is-folded", "is-moving"];
  const OWN_ATTRIBUTES = new Set(["open", "hidden", "aria-expanded", "aria-selected", "tabindex", "checked", "value", "draggable", "data-popper-placement"]);
  // Made by scripts: the server never sends them.
  const MADE = ".ts-wrapper, .v-draft, .v-cell-pencil";
  const KEPT = `${MADE}, [hx-preserve], .v-inline-form, .is-editing, .dropdown-menu.show, .sortable-ghost, .sortable-chosen, [data-live-keep]`;
  const TYPED = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, select";

  const bare = (url) => (url || "").split("?")[0];
  const keyOf = (node) => (node.nodeType !== 1 ? "" : node.id ? `#${node.id}` : node.dataset.key || (node.hasAttribute("hx-get") ? `@${bare(node.getAttribute("hx-get"))}` : ""));
  const refreshesItself = (node) => (node.getAttribute("hx-trigger") || "").includes("refresh from:body");
  const busy = (node) =>
    node.matches(KEPT) || (node.matches("form") && node.querySelector(TYPED)) || (node.matches("[data-inline]") && node.querySelector(".v-inline-form"));

  function attributes(old, fresh) {
    const isSized = old.matches("col, table, textarea");
    for (const { name } of [...old.attributes]) {
      if (fresh.hasAttribute(name) || OWN_ATTRIBUTES.has(name) || name === "class" || name === "style") continue;
      old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (OWN_ATTRIBUTES.has(name) || (name === "style" && isSized) || name === "class") continue;
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    const wanted = new Set(fresh.classList);
    for (const own of OWN_CLASSES) if (old.classList.contains(own)) wanted.add(own);
    const classes = [...wanted].join(" ");
    if ((old.getAttribute("class") || "") !== classes) old.setAttribute("class", classes);
  }

  function children(old, fresh, made, root) {
    const byKey = new Map();
    for (const child of old.children) {
      if (keyOf(child)) byKey.set(keyOf(child), child);
      // What was loaded later replaced a placeholder that is known by its address alone.
      if (child.id && child.hasAttribute("hx-get")) byKey.set(`@${bare(child.getAttribute("hx-get"))}`, child);
    }
    const coming = new Set([...fresh.children].map(keyOf).filter(Boolean));
    let at = old.firstChild;
    const fits = (node, wanted) => node.nodeName === wanted.nodeName && !keyOf(node) && !(node.nodeType === 1 && node.matches(MADE));
    const spared = (node) => node.nodeType === 1 && (node.matches(KEPT) || node.querySelector(":focus")?.matches(TYPED));
    for (const wanted of [...fresh.childNodes]) {
      const key = keyOf(wanted);
      let found = null;
      if (key) {
        found = byKey.get(key) || null;
        // A card that went to another column is carried there.
        if (!found && wanted.id) found = root.querySelector(`#${CSS.escape(wanted.id)}`);
      } else {
        let next = at;
        while (next && wanted.nodeType === 1 && !fits(next, wanted)) next = next.nextSibling;
        found = next && fits(next, wanted) ? next : null;
      }
      if (found) {
        if (found === at) at = at.nextSibling;
        else if (found.parentNode !== old || key) old.insertBefore(found, at);
        else {
          // Everything between is gone from the page, unless it comes later.
          while (at && at !== found) {
            const gone = at;
            at = at.nextSibling;
            if (!coming.has(keyOf(gone)) && !spared(gone)) gone.remove();
          }
          at = found.nextSibling;
        }
        morph(found, wanted, made, root);
      } else {
        const brought = document.importNode(wanted, true);
        old.insertBefore(brought, at);
        if (brought.nodeType === 1) made.push(brought);
      }
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      if (!spared(gone)) gone.remove();
    }
  }

  function morph(old, fresh, made, root) {
    if (old.nodeType !== 1) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old !== root && (refreshesItself(old) || busy(old))) return;
    if (fresh.getAttribute("hx-trigger") === "load") {
      // Comes in two steps: the old stays until the new is there.
      htmx.ajax("GET", fresh.getAttribute("hx-get"), { target: old, swap: "outerHTML" });
      return;
    }
    if (old.isEqualNode(fresh)) return;
    if (old.nodeName !== fresh.nodeName) {
      const brought = document.importNode(fresh, true);
      old.replaceWith(brought);
      made.push(brought);
      return;
    }
    const before = old.matches("[data-row]") ? old.textContent : null;
    attributes(old, fresh);
    children(old, fresh, made, root);
    if (before !== null && before !== old.textContent) flash(old);
  }

  function flash(row) {
    row.classList.add("is-fresh");
    setTimeout(() => row.classList.remove("is-fresh"), 1600);
  }

  window.voronka.morph = (old, fresh, { inside = false } = {}) => {
    const made = [];
    const { activeElement } = document;
    if (inside) children(old, fresh, made, old);
    else morph(old, fresh, made, old);
    for (const element of made) {
      if (!element.isConnected) continue;
      htmx.process(element);
      document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: element } }));
      for (const row of element.matches("[data-row]") ? [element] : []) flash(row);
    }
    if (!inside && old.isConnected) htmx.process(old);
    // Carrying an element to another place takes the focus from it.
    if (activeElement !== document.activeElement && activeElement?.isConnected) activeElement.focus({ preventScroll: true });
  };

  // hx-ext="morph" hx-swap="morph": a part that refreshes itself after one's own work keeps its scrolling too.
  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => {
      if (style !== "morph") return false;
      const fresh = (target.id && fragment.querySelector(`#${CSS.escape(target.id)}`)) || fragment.firstElementChild;
      if (fresh) window.voronka.morph(target, fresh);
      return [];
    },
  });
})();
