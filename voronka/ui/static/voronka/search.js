// The search field of the head: arrows choose among what was found, Enter opens it (or the whole page of results).
(() => {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const input = form.querySelector("input");
  const list = form.querySelector("#search-results");
  const found = () => [...list.querySelectorAll("a, button")];
  let at = -1;

  function show(on) {
    list.hidden = !on || list.childElementCount === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (list.hidden) mark(-1);
  }

  function mark(next) {
    const all = found();
    at = all.length ? Math.max(-1, Math.min(next, all.length - 1)) : -1;
    all.forEach((link, i) => {
      link.classList.toggle("is-active", i === at);
      link.id ||= `found-${i}`;
    });
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  list.addEventListener("htmx:afterSwap", () => {
    show(document.activeElement === input);
    mark(input.value ? 0 : -1);
  });
  input.addEventListener("focus", () => show(true));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      show(true);
      mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && at >= 0 && !list.hidden) {
      event.preventDefault();
      found()[at].click();
      show(false);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (list.hidden) input.blur();
      else show(false);
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (!form.contains(event.target)) show(false);
  });
  list.addEventListener("click", () => show(false));
})();
