// The theme of the administration: the one that was chosen on the page (frontend/public/theme.js),
// else the system's. Runs before the first paint.
"use strict";

(() => {
  const KEY = "daesa.theme";
  const root = document.documentElement;

  function stored() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // without storage, the system's theme is used
    }
  }

  function apply() {
    const chosen = stored();
    root.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : "auto";
  }

  /** First the theme that differs from the system's, then the other, then the system's again. */
  function next() {
    const order = matchMedia("(prefers-color-scheme: dark)").matches
      ? ["auto", "light", "dark"]
      : ["auto", "dark", "light"];
    const chosen = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
    try {
      if (chosen === "auto") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, chosen);
    } catch {
      // Without storage, the system's theme stays.
    }
    apply();
  }

  apply();
  addEventListener("storage", apply);
  addEventListener("DOMContentLoaded", () => {
    for (const button of document.getElementsByClassName("theme-toggle")) {
      button.addEventListener("click", next);
    }
  });
})();
