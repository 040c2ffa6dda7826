/** Deleting with an undo: the conversation is hidden at once, and deleted a moment later. */
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { createStore, useStore } from "@/createStore";
import { remove } from "./api";

const hidden = createStore<ReadonlySet<number>>(new Set());

export function hideConversation(id: number): void {
  hidden.set(new Set([...hidden.get(), id]));
}

export function showConversation(id: number): void {
  hidden.set(new Set([...hidden.get()].filter((known) => known !== id)));
}

/** Deletes a hidden conversation. When the server refuses, it is back in the list. */
export async function deleteHidden(id: number): Promise<void> {
  if (!hidden.get().has(id)) return;
  try {
    await remove(id);
  } catch {
    queryClient.invalidateQueries({ queryKey: keys.conversationList });
  }
  showConversation(id);
}

// The page may be closed while the undo is still offered; the user has asked to delete.
addEventListener("pagehide", () => {
  for (const id of hidden.get()) remove(id).catch(() => {});
});

export function useHiddenConversations(): ReadonlySet<number> {
  return useStore(hidden);
}
