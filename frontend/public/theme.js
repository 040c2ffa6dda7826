// Runs before the first paint, so that the page does not flash in the other theme.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("daesa.theme");
    } catch {
      // Without storage, the system's theme is used.
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
