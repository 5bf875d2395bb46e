// Click a value to edit it in place: components/inline.html. Enter saves, Esc leaves; when leaving the field a
// changed value is saved too. The server answers with the same partial, which replaces the whole `[data-inline]`.
(() => {
  function open(box) {
    if (box.querySelector(".v-inline-form")) return;
    const shown = box.querySelector("[data-inline-open]");
    const form = box.querySelector("template").content.firstElementChild.cloneNode(true);
    shown.hidden = true;
    box.append(form);
    htmx.process(form);
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: form } }));
    const input = form.querySelector("[name=value]");
    input.focus();
    if (input.select && input.type !== "date") input.select();
    // A native select that opens at once saves a click.
    if (input instanceof HTMLSelectElement && !input.matches("[data-combobox]")) {
      try { input.showPicker(); } catch { /* only allowed right after a click */ }
    }
  }

  function leave(box) {
    box.querySelector(".v-inline-form")?.remove();
    const shown = box.querySelector("[data-inline-open]");
    shown.hidden = false;
    shown.focus({ preventScroll: true });
  }

  const valueOf = (field) => (field.multiple ? [...field.selectedOptions].map((option) => option.value).sort((a, b) => a - b).join(",") : field.value);
  const unchanged = (form) => valueOf(form.querySelector("[name=value]")) === form.querySelector("[name=was]").value;

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-inline-open]");
    if (opener) open(opener.closest("[data-inline]"));
    const leaver = event.target.closest("[data-inline-leave]");
    if (leaver) leave(leaver.closest("[data-inline]"));
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(".v-inline-form");
    if (!form || event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      leave(form.closest("[data-inline]"));
    } else if (event.key === "Enter" && event.target.matches("textarea") && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit();
    }
  }, true);

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.(".v-inline-form");
    if (form && event.target.matches("select[name=value]:not([multiple])") && !unchanged(form)) form.requestSubmit();
  });

  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.(".v-inline-form");
    if (!form || form.contains(event.relatedTarget)) return;
    setTimeout(() => {
      if (!form.isConnected || form.contains(document.activeElement) || form.querySelector("[aria-busy]")) return;
      // A refused value stays open with its reason; it is not sent again by looking elsewhere.
      if (form.querySelector("[data-form-error]").childElementCount) return;
      if (unchanged(form)) {
        form.remove();
        const shown = document.querySelector("[data-inline-open][hidden]");
        if (shown) shown.hidden = false;
      } else if (document.hasFocus()) form.requestSubmit();
    }, 120);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches?.(".v-inline-form") && unchanged(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      leave(form.closest("[data-inline]"));
    }
  }, true);
})();
