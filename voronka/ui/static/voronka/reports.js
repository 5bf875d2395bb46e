// Tables of reports whose rows unfold: team → seller → client. What is folded in goes with its parent.
document.addEventListener("alpine:init", () => {
  window.Alpine.data("unfolding", () => ({
    init() {
      this.$root.addEventListener("click", (event) => {
        const button = event.target.closest("[data-fold]");
        if (button) this.turn(button, button.getAttribute("aria-expanded") !== "true");
      });
    },
    turn(button, open) {
      button.setAttribute("aria-expanded", String(open));
      const under = CSS.escape(button.dataset.fold);
      for (const row of this.$root.querySelectorAll(`tr[data-under="${under}"]`)) {
        row.hidden = !open;
        const own = row.querySelector("[data-fold]");
        if (!open && own?.getAttribute("aria-expanded") === "true") this.turn(own, false);
      }
    },
  }));
});
