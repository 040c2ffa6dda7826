import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "daesa.theme";

function chosen(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

/** `/theme.js` hears of it and paints. */
export function setTheme(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the system decides.
  }
  dispatchEvent(new Event("daesa:theme"));
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    addEventListener("daesa:theme", listener);
    addEventListener("storage", listener);
    return () => {
      removeEventListener("daesa:theme", listener);
      removeEventListener("storage", listener);
    };
  }, chosen);
}
