import { useEffect, useRef } from "react";

export interface Shortcut {
  /** The physical key, which is the same when the keyboard types Hangul. */
  code: string;
  shift?: boolean;
}

export const SHORTCUTS = {
  search: { code: "KeyK" },
  newChat: { code: "KeyO", shift: true },
  copyAnswer: { code: "KeyY", shift: true },
  pin: { code: "Period", shift: true },
  sheet: { code: "Slash" },
} as const satisfies Record<string, Shortcut>;

const NAMES: Record<string, string> = { Slash: "/", Period: "." };

export const isMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The keys of a shortcut, as they are written on the keyboard. */
export function keysOf({ code, shift = false }: Shortcut): string[] {
  const key = NAMES[code] ?? code.replace("Key", "");
  return isMac() ? ["⌘", ...(shift ? ["⇧"] : []), key] : ["Ctrl", ...(shift ? ["Shift"] : []), key];
}

/** Runs the action when the key is pressed together with Ctrl, or on a Mac with Command. */
export function useShortcut({ code, shift = false }: Shortcut, action: () => void): void {
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.code !== code || !(event.ctrlKey || event.metaKey)) return;
      if (event.altKey || event.shiftKey !== shift) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [code, shift]);
}
