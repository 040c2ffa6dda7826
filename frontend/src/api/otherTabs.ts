/** Tells the other tabs and windows of this browser what has changed, so that they fetch it again. */
import { keys } from "./keys";
import { queryClient } from "./queries";

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("daesa");

channel?.addEventListener("message", ({ data }: MessageEvent<number>) => {
  queryClient.invalidateQueries({ queryKey: keys.conversation(data) });
  queryClient.invalidateQueries({ queryKey: keys.conversationList });
});

/** To be called when the server has stored a change of a conversation. */
export function tellOtherTabs(conversation: number): void {
  channel?.postMessage(conversation);
}
