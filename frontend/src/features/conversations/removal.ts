/** Deleting with a way back: what was deleted is out of sight at once, and gone a moment later. */
import { useSyncExternalStore } from "react";
import { queryClient } from "@/api/queries";
import { remove } from "./api";

let hidden: ReadonlySet<number> = new Set();
const listeners = new Set<() => void>();

function publish(next: ReadonlySet<number>): void {
  hidden = next;
  for (const listener of listeners) listener();
}

export function hide(id: number): void {
  publish(new Set([...hidden, id]));
}

export function show(id: number): void {
  publish(new Set([...hidden].filter((known) => known !== id)));
}

/** Does what was announced. When the server refuses, the conversation is back in the list. */
export async function settle(id: number): Promise<void> {
  if (!hidden.has(id)) return;
  try {
    await remove(id);
  } catch {
    queryClient.invalidateQueries({ queryKey: ["conversations"] });
  }
  show(id);
}

// A page that is closed while the notice stands has been told to delete.
addEventListener("pagehide", () => {
  for (const id of hidden) remove(id).catch(() => {});
});

export function useHidden(): ReadonlySet<number> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => hidden,
  );
}
