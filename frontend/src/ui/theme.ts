import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "daesa.theme";

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

/** `/theme.js` listens for the event and applies the theme. */
export function setTheme(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Without storage, the system's theme stays.
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
  }, storedTheme);
}
