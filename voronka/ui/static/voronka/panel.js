// What slides over a page: the panel (#panel) and dialogs (#dialog, confirm, keys), all native <dialog>.
// The panel puts the record's address into the address bar; Esc and Back close it and bring the list's address
// back without reloading the list. Loaded before htmx so that this file hears `popstate` first.
(() => {
  const here = () => location.pathname + location.search;
  const panel = () => document.getElementById("panel-frame");
  let pageUrl = here(); // what the page underneath was made from
  let panelUrl = null; // address of the record in the panel, when it was pushed
  let opener = null; // the link that opened it; closing gives the focus back
  let changed = false; // something was saved in the panel and the list does not know yet
  let goingBack = false; // our own history.back() is on its way

  function open(dialog) {
    if (!dialog.open) dialog.showModal();
  }

  function focusInside(dialog) {
    const wanted =
      dialog.querySelector("[autofocus]") ||
      dialog.querySelector(".is-invalid, input:not([type=hidden]):not([type=checkbox]), select, textarea");
    if (dialog.id === "panel-frame") document.getElementById("panel").focus({ preventScroll: true });
    else if (wanted) wanted.focus();
  }

  function showPanel(url, push) {
    const frame = panel();
    const wasOpen = frame.open;
    open(frame);
    frame.querySelector("[data-panel-whole]").href = url;
    document.getElementById("panel").scrollTop = 0;
    focusInside(frame);
    if (!push) return;
    history[wasOpen && panelUrl ? "replaceState" : "pushState"]({ panel: true }, "", url);
    panelUrl = url;
  }

  function afterClose() {
    document.getElementById("panel").replaceChildren();
    if (panelUrl) {
      panelUrl = null;
      goingBack = true;
      history.back();
    }
    if (changed) htmx.trigger(document.body, "refresh");
    changed = false;
    const link = opener && (opener.isConnected ? opener : document.querySelector(`[href="${CSS.escape(opener.getAttribute("href") || "")}"]`));
    opener = null;
    if (link) link.focus({ preventScroll: true });
  }

  function step(by) {
    const links = [...document.querySelectorAll("main [data-opens=panel]")].filter((link) => link.offsetParent);
    const unique = links.filter((link, i) => links.findIndex((other) => other.href === link.href) === i);
    const now = unique.findIndex((link) => opener && link.href === opener.href);
    const next = unique[now + by];
    if (next) next.click();
    return Boolean(next);
  }

  const hasTyped = (dialog) =>
    [...dialog.querySelectorAll("form:not([data-draft])")].some((form) =>
      [...form.elements].some((el) => el.type !== "hidden" && "defaultValue" in el && el.type !== "submit" && el.value !== el.defaultValue),
    );

  function close(dialog) {
    if (!hasTyped(dialog)) return dialog.close();
    window.voronka.confirm(window.voronka.words.leave).then((yes) => yes && dialog.close());
    return undefined;
  }

  window.addEventListener("popstate", (event) => {
    const frame = panel();
    if (goingBack) {
      goingBack = false;
    } else if (event.state && event.state.panel && frame) {
      panelUrl = here();
      htmx.ajax("GET", here(), { target: "#panel", swap: "innerHTML" });
    } else if (frame && frame.open && panelUrl) {
      panelUrl = null;
      frame.close();
    }
    // Nothing is restored from a snapshot: the server draws what is true now.
    if (!(event.state && event.state.panel) && here() !== pageUrl) location.reload();
    event.stopImmediatePropagation();
  });

  document.addEventListener("htmx:pushedIntoHistory", () => (pageUrl = here()));
  document.addEventListener("htmx:replacedInHistory", () => (pageUrl = here()));

  // A form that belongs into the dialog, opened as a page of its own, comes back with its faults in its own place.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig?.elt.closest("form.v-dialog-form");
    if (!form || form.closest("dialog") || event.detail.target.id !== "dialog") return;
    event.detail.target = form;
    event.detail.swapOverride = "outerHTML";
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    if (!target || xhr.status >= 400 && xhr.status !== 422) return;
    if (target.id === "panel" && requestConfig.verb === "get") {
      // htmx names the target in `detail.elt`; who asked stands in the request.
      const link = requestConfig.elt.closest("[data-opens=panel]");
      if (link) opener = link;
      const url = link ? link.getAttribute("href") : xhr.responseURL || requestConfig.path;
      showPanel(url, Boolean(link) && !link.hasAttribute("data-no-push"));
    } else if (target.id === "dialog") {
      const frame = document.getElementById("dialog-frame");
      if (target.childElementCount === 0) return frame.close();
      open(frame);
      focusInside(frame);
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, xhr } = event.detail;
    if (xhr.status >= 200 && xhr.status < 300 && requestConfig.verb !== "get" && panel() && panel().open && requestConfig.elt.closest("dialog")) changed = true;
  });
  document.addEventListener("refresh", () => (changed = false));
  // The server says it in HX-Trigger after a form in a dialog was saved.
  document.addEventListener("dialog:close", () => document.getElementById("dialog-frame")?.close());

  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-close]");
    if (closer) {
      const dialog = closer.closest("dialog");
      if (dialog) {
        event.preventDefault();
        close(dialog);
      } else if (closer.closest(".v-dialog-form")) {
        // The form is a page of its own: back to where one came from.
        if (history.length > 1) history.back();
        else location.assign(document.querySelector(".v-nav a")?.href || "/");
      }
      return;
    }
    const stepper = event.target.closest("[data-panel-step]");
    if (stepper) step(Number(stepper.dataset.panelStep));
  });
  // A press that began and ended on the backdrop closes; dragging a selection out of a field does not.
  let pressedOn = null;
  document.addEventListener("pointerdown", (event) => (pressedOn = event.target));
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement) || pressedOn !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) close(dialog);
  });
  // `cancel` (Esc) and `close` do not bubble: listen while capturing.
  document.addEventListener("cancel", (event) => {
    if (!(event.target instanceof HTMLDialogElement)) return;
    if (event.target.querySelector(".ts-wrapper.dropdown-active")) return event.preventDefault();
    if (event.target.id !== "confirm-frame" && hasTyped(event.target)) {
      event.preventDefault();
      close(event.target);
    }
  }, true);
  document.addEventListener("close", (event) => {
    if (event.target.id === "panel-frame") afterClose();
    if (event.target.id === "dialog-frame") document.getElementById("dialog").replaceChildren();
  }, true);

  window.voronkaPanel = { step, isOpen: () => Boolean(panel() && panel().open), noteOpener: (link) => (opener = link) };
})();
