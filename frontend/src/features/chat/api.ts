import { queryOptions } from "@tanstack/react-query";
import { errorFromResponse } from "@/api/apiError";
import { api, BASE, type Chat, type Reply, type Schemas, send, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { tellOtherTabs } from "@/api/otherTabs";
import { queryClient } from "@/api/queries";
import { preloadMarkdown } from "./loadMarkdown";

export type ConversationWithChats = Schemas["ConversationWithChats"];
export const PAGE = 50;

export const conversationQuery = (id: number) =>
  queryOptions({
    queryKey: keys.conversation(id),
    queryFn: async () => {
      const params = { path: { id: String(id) } };
      // Answers that change from plain text to rendered markdown would move what is in sight.
      const [fresh] = await Promise.all([
        unwrap(api.GET("/conversations/{id}", { params })),
        preloadMarkdown(),
      ]);
      return withEarlier(fresh);
    },
    // It may have gone on elsewhere.
    refetchOnWindowFocus: "always",
  });

/** The server sends the newest chats; the earlier ones that were loaded stay. */
function withEarlier(fresh: ConversationWithChats): ConversationWithChats {
  const known = queryClient.getQueryData<ConversationWithChats>(keys.conversation(fresh.id));
  if (fresh.chats.length >= fresh.chat_count) return fresh;
  const oldest = fresh.chats[0]?.id ?? 0;
  const earlier = known?.chats.filter(({ id }) => id < oldest) ?? [];
  return { ...fresh, chats: [...earlier, ...fresh.chats] };
}

/** Whether a question was asked after this chat that the page does not know. */
export async function hasGoneOn(conversation: number, parent: number): Promise<boolean> {
  const query = { conversation, per_page: 5 }; // the fewest that there are
  const newest = await unwrap(api.GET("/chat", { params: { query } }));
  return newest.results.some((chat) => chat.parent === parent);
}

export const modelsQuery = queryOptions({
  queryKey: keys.models,
  queryFn: () => unwrap(api.GET("/models")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** All answers to a question, the oldest first. */
export const repliesQuery = (chat: number) =>
  queryOptions({
    queryKey: keys.replies(chat),
    queryFn: async () => {
      const params = { path: { id: String(chat) }, query: { per_page: 100 } };
      const page = await unwrap(api.GET("/chat/{id}/replies", { params }));
      return page.results.toReversed();
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

export function fetchChat(id: number): Promise<Chat> {
  return unwrap(api.GET("/chat/{id}", { params: { path: { id: String(id) } } }));
}

/** Puts a chat from the server into its cached conversation. */
export function storeChat(chat: Chat): void {
  changeConversation(chat.conversation, (known) => {
    const isNew = !known.chats.some(({ id }) => id === chat.id);
    return {
      ...known,
      chats: merged(known.chats, [chat]),
      chat_count: known.chat_count + (isNew ? 1 : 0),
    };
  });
}

/** Changes a conversation in the cache, if it is there. */
function changeConversation(
  id: number,
  change: (known: ConversationWithChats) => ConversationWithChats,
): void {
  queryClient.setQueryData(conversationQuery(id).queryKey, (known) => known && change(known));
}

function merged(known: readonly Chat[], given: readonly Chat[]): Chat[] {
  const byId = new Map([...known, ...given].map((chat) => [chat.id, chat]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

/** Caches the title of a conversation, and whose it is. */
export function storeTitle({ id, title = "", title_by }: ConversationWithChats): void {
  changeConversation(id, (known) => ({ ...known, title, title_by }));
}

/** Makes a temporary conversation one like the others. Throws an `ApiError`. */
export async function keepConversation(id: number): Promise<void> {
  const params = { path: { id: String(id) } };
  await unwrap(api.PATCH("/conversations/{id}", { params, body: { temporary: false } }));
  changeConversation(id, (known) => ({ ...known, temporary: false }));
  tellOtherTabs(id);
  queryClient.invalidateQueries({ queryKey: keys.conversationList });
}

/** Deletes a conversation. Throws an `ApiError`. */
export async function deleteConversation(id: number): Promise<void> {
  await unwrap(api.DELETE("/conversations/{id}", { params: { path: { id: String(id) } } }));
  tellOtherTabs(id);
  queryClient.invalidateQueries({ queryKey: keys.conversationList });
}

/** Caches the model of a conversation. */
export function storeModel(id: number, model: string): void {
  changeConversation(id, (known) => ({ ...known, model }));
}

/** Chooses the model of a conversation: at once in the cache, and at the server. If the server cannot
 * be reached or refuses it, the cache has the former model again.
 */
export async function chooseModel(id: number, model: string): Promise<void> {
  const { queryKey } = conversationQuery(id);
  const before = queryClient.getQueryData(queryKey)?.model;
  storeModel(id, model);
  const params = { path: { id: String(id) } };
  try {
    await unwrap(api.PATCH("/conversations/{id}", { params, body: { model } }));
    tellOtherTabs(id);
  } catch (error) {
    // Offline, fetching it again fails, too. A later choice stays.
    const isStill = queryClient.getQueryData(queryKey)?.model === model;
    if (isStill && before !== undefined) storeModel(id, before);
    queryClient.invalidateQueries({ queryKey });
    throw error;
  }
}

/** Caches a new conversation with its first chat, until it is fetched. `model` is the one that the
 * question has named.
 */
export function storeNewConversation(chat: Chat, model = "", temporary = false): void {
  queryClient.setQueryData(conversationQuery(chat.conversation).queryKey, {
    id: chat.conversation,
    title: chat.content.split("\n")[0] ?? "",
    title_by: "",
    system_prompt: "",
    model,
    pinned: false,
    temporary,
    created_at: chat.created_at,
    updated_at: chat.created_at,
    links: [],
    chat_count: 1,
    chats: [chat],
  });
}

/** Loads the next page of earlier chats into the cached conversation. */
export async function loadEarlier(conversation: ConversationWithChats): Promise<void> {
  const page = Math.floor(conversation.chats.length / PAGE) + 1;
  const query = { conversation: conversation.id, per_page: PAGE, page };
  const more = await unwrap(api.GET("/chat", { params: { query } }));
  changeConversation(conversation.id, (known) => ({
    ...known,
    chats: merged(known.chats, more.results),
    chat_count: more.count,
  }));
}

/** Loads all earlier chats into the cached conversation. */
export async function loadAll(id: number): Promise<void> {
  const read = () => queryClient.getQueryData(conversationQuery(id).queryKey);
  let loaded = -1;
  for (let known = read(); known && known.chats.length > loaded; known = read()) {
    if (known.chats.length >= known.chat_count) return;
    loaded = known.chats.length;
    await loadEarlier(known);
  }
}

/** The last `showReply`, which the next question waits for. */
let choosing: Promise<unknown> = Promise.resolve();

/** Chooses another answer of a chat: at once in the cache, and at the server, where the next
 * question follows the chosen answer.
 */
export async function showReply(chat: Chat, reply: Reply): Promise<void> {
  storeChat({ ...chat, chat_reply: reply });
  const params = { path: { id: String(chat.id) } };
  const asked = unwrap(api.PATCH("/chat/{id}", { params, body: { chat_reply: reply.id } }));
  choosing = asked.catch(() => {});
  try {
    await asked;
    tellOtherTabs(chat.conversation);
  } catch (error) {
    storeChat(chat);
    throw error;
  }
}

async function stream(path: string, init: RequestInit): Promise<Response> {
  const response = await send(`${BASE}${path}`, {
    ...init,
    headers: { Accept: "text/event-stream", ...init.headers },
  });
  if (response.ok) return response;
  throw errorFromResponse(response, await response.json().catch(() => null));
}

export async function openAsk(
  body: Schemas["AskRequest"],
  key: string,
  signal: AbortSignal,
): Promise<Response> {
  await choosing;
  return stream("/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": `"${key}"` },
    body: JSON.stringify(body),
    signal,
  });
}

export function openRegenerate(
  chat: number,
  body: Schemas["WishRequest"],
  signal: AbortSignal,
): Promise<Response> {
  return stream(`/chat/${chat}/replies`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

export function openContinue(
  chat: number,
  body: Schemas["ContinueRequest"],
  key: string,
  signal: AbortSignal,
): Promise<Response> {
  return stream(`/chat/${chat}/continue`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": `"${key}"` },
    body: JSON.stringify(body),
    signal,
  });
}

export function openStream(
  id: string,
  lastId: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = lastId === undefined ? {} : { "Last-Event-ID": lastId };
  return stream(`/chat/stream/${id}`, { headers, signal });
}

export function stopStream(id: string): Promise<unknown> {
  const params = { path: { stream_id: id } };
  return unwrap(api.DELETE("/chat/stream/{stream_id}", { params }));
}
