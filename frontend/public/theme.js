// Runs before anything is painted, so that the page never flashes in the other theme.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("daesa.theme");
    } catch {
      // Storage may be closed; then the system decides.
    }
    const isDark = chosen ? chosen === "dark" : dark.matches;
    root.dataset.theme = isDark ? "dark" : "light";
    const colour = document.querySelector('meta[name="theme-color"]');
    if (colour) colour.setAttribute("content", isDark ? "#14140f" : "#fbfaf7");
  };
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("daesa:theme", apply);
  addEventListener("DOMContentLoaded", apply);
})();
