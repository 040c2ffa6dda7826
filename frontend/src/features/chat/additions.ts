/** What the server adds to an answer after its end, where the site has a model for it: the title of a
 * new conversation, and questions to follow. The page asks for them a few times.
 */
import { api, type Chat, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { tellOtherTabs } from "@/api/otherTabs";
import { queryClient } from "@/api/queries";
import {
  type ConversationWithChats,
  conversationQuery,
  fetchChat,
  modelsQuery,
  storeChat,
  storeTitle,
} from "./api";

/** Milliseconds before each time; the server stops trying after 40 s. */
const PAUSES = [1000, 1500, 2000, 3000, 5000, 8000, 13_000, 15_000];

/** Changes when the user signs out: what is waited for is no longer wanted. */
let session = 0;

export function stopWaiting(): void {
  session += 1;
}

interface Wanted {
  title: boolean;
  followUps: boolean;
}

function wantedFor(chat: Chat): Wanted {
  const site = queryClient.getQueryData(modelsQuery.queryKey);
  const known = queryClient.getQueryData(conversationQuery(chat.conversation).queryKey);
  const reply = chat.chat_reply;
  const isDone = reply?.status === "done";
  const isFirst = chat.parent === null && known?.title_by === "" && !known.temporary;
  return {
    title: Boolean(site?.titles && isDone && isFirst),
    followUps: Boolean(site?.follow_ups && isDone && reply.follow_ups === null),
  };
}

/** Waits for what is added to an answer that has just ended, and stores it in the cache. */
export async function waitForAdditions(chat: Chat, pauses = PAUSES): Promise<void> {
  const wanted = wantedFor(chat);
  const ours = session;
  for (const pause of pauses) {
    if (!(wanted.title || wanted.followUps)) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (ours !== session) return;
    // If it fails, the next time may succeed.
    await look(chat, wanted, () => ours === session).catch(() => {});
  }
}

async function look(chat: Chat, wanted: Wanted, isWanted: () => boolean): Promise<void> {
  const conversation = wanted.title ? await fetchConversation(chat.conversation) : undefined;
  const found = conversation
    ? conversation.chats.find(({ id }) => id === chat.id)
    : await fetchChat(chat.id);
  if (!isWanted()) return;
  if (conversation?.title_by) {
    wanted.title = false;
    storeTitle(conversation);
    tellOtherTabs(chat.conversation);
    queryClient.invalidateQueries({ queryKey: keys.conversationList });
  }
  const reply = found?.chat_reply;
  const isOther = reply?.id !== chat.chat_reply?.id || reply?.status !== "done";
  if (wanted.followUps && found && (isOther || reply?.follow_ups)) {
    wanted.followUps = false;
    if (isOther) return; // it is answered again, and that answer is waited for
    storeChat(found);
    tellOtherTabs(chat.conversation);
  }
}

function fetchConversation(id: number): Promise<ConversationWithChats> {
  return unwrap(api.GET("/conversations/{id}", { params: { path: { id: String(id) } } }));
}
