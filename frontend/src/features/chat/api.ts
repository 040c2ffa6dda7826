import { queryOptions } from "@tanstack/react-query";
import { errorFromResponse } from "@/api/apiError";
import { api, BASE, type Chat, type Reply, type Schemas, send, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";

export type ConversationWithChats = Schemas["ConversationWithChats"];
export const PAGE = 50;

export const conversationQuery = (id: number) =>
  queryOptions({
    queryKey: keys.conversation(id),
    queryFn: () => unwrap(api.GET("/conversations/{id}", { params: { path: { id: String(id) } } })),
  });

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
  const key = conversationQuery(chat.conversation).queryKey;
  queryClient.setQueryData(key, (known) => {
    if (!known) return known;
    const others = known.chats.filter(({ id }) => id !== chat.id);
    const isNew = others.length === known.chats.length;
    return {
      ...known,
      chats: [...others, chat].sort((a, b) => a.id - b.id),
      chat_count: known.chat_count + (isNew ? 1 : 0),
    };
  });
}

/** Caches a new conversation with its first chat, until it is fetched. */
export function storeNewConversation(chat: Chat): void {
  queryClient.setQueryData(conversationQuery(chat.conversation).queryKey, {
    id: chat.conversation,
    title: chat.content.split("\n")[0] ?? "",
    system_prompt: "",
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
  for (const chat of more.results) storeChat(chat);
  queryClient.setQueryData(conversationQuery(conversation.id).queryKey, (known) =>
    known ? { ...known, chat_count: more.count } : known,
  );
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
