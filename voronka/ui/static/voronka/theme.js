// Sets the theme before anything is drawn (the only blocking script), so that a dark page never flashes white.
// `data-theme` on <html> is what was chosen: light, dark or auto; `data-bs-theme` is what it comes to.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = root.dataset.theme;
    const theme = chosen === "dark" || (chosen === "auto" && dark.matches) ? "dark" : "light";
    if (root.dataset.bsTheme !== theme) {
      root.dataset.bsTheme = theme;
      document.dispatchEvent(new CustomEvent("theme:changed", { detail: theme }));
    }
  };
  const stored = document.cookie.match(/(?:^|; )theme=(light|dark|auto)/);
  if (stored) root.dataset.theme = stored[1];
  if (document.cookie.includes("nav=folded")) root.dataset.nav = "folded";
  apply();
  dark.addEventListener("change", apply);
  window.voronkaTheme = {
    next() {
      // From "auto" the press must visibly change something: it turns over what is seen.
      this.set(root.dataset.bsTheme === "light" ? "dark" : "light");
    },
    set(theme) {
      root.dataset.theme = theme;
      document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
      apply();
    },
  };
})();
