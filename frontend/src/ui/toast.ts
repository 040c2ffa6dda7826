import { createStore, useStore } from "@/createStore";

export interface ToastMessage {
  id: number;
  text: string;
  duration: number;
  undo?: () => void;
  onGone?: () => void;
}

const store = createStore<readonly ToastMessage[]>([]);
let nextId = 1;

/** Shows a text for some seconds; with `undo` it has a button that takes the action back. */
export function toast(
  text: string,
  options: Partial<Pick<ToastMessage, "undo" | "onGone">> = {},
): void {
  const duration = options.undo ? 7000 : 4000;
  store.set([...store.get(), { id: nextId++, text, duration, ...options }]);
}

/** Removes a notice that was not undone. */
export function close(notice: ToastMessage): void {
  if (!remove(notice)) return;
  notice.onGone?.();
}

export function undo(notice: ToastMessage): void {
  remove(notice);
  notice.undo?.();
}

/** Whether the notice was still there. */
function remove({ id }: ToastMessage): boolean {
  const before = store.get();
  const others = before.filter((known) => known.id !== id);
  store.set(others);
  return others.length < before.length;
}

export function useToasts(): readonly ToastMessage[] {
  return useStore(store);
}
