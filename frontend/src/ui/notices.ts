import { useSyncExternalStore } from "react";

export interface Notice {
  id: number;
  text: string;
  duration: number;
  undo?: () => void;
  onGone?: () => void;
}

let notices: readonly Notice[] = [];
let next = 1;
const listeners = new Set<() => void>();

function publish(changed: readonly Notice[]): void {
  notices = changed;
  for (const listener of listeners) listener();
}

/** Says something in passing; with `undo` it can be taken back while it stands. */
export function toast(text: string, options: Partial<Pick<Notice, "undo" | "onGone">> = {}): void {
  publish([...notices, { id: next++, text, duration: options.undo ? 7000 : 4000, ...options }]);
}

export function close(notice: Notice): void {
  if (!notices.some(({ id }) => id === notice.id)) return;
  publish(notices.filter(({ id }) => id !== notice.id));
  notice.onGone?.();
}

export function take(notice: Notice): void {
  publish(notices.filter(({ id }) => id !== notice.id));
  notice.undo?.();
}

export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
}
