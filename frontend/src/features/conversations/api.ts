import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { errorFromResponse } from "@/api/apiError";
import { api, BASE, type Conversation, send, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { tellOtherTabs } from "@/api/otherTabs";
import { queryClient } from "@/api/queries";
import { saveFile } from "@/ui/saveFile";

const PER_PAGE = 50;

export const conversationsQuery = infiniteQueryOptions({
  queryKey: keys.conversationList,
  queryFn: ({ pageParam }) => {
    const params = { query: { page: pageParam, per_page: PER_PAGE } };
    return unwrap(api.GET("/conversations", { params }));
  },
  initialPageParam: 1,
  refetchOnWindowFocus: true,
  getNextPageParam: ({ page, per_page, count }) => (page * per_page < count ? page + 1 : undefined),
});

/** The chats that contain all the words, newest first. */
export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: keys.search(q),
    queryFn: () => unwrap(api.GET("/chat", { params: { query: { q, per_page: 20 } } })),
    enabled: q.length > 0,
  });

/** The conversations whose titles have all the words. */
export const titleSearchQuery = (q: string) =>
  queryOptions({
    queryKey: keys.titleSearch(q),
    queryFn: () => unwrap(api.GET("/conversations", { params: { query: { q, per_page: 5 } } })),
    enabled: q.length > 0,
  });

/** The numbers of a conversation, as they are when it is asked for. */
export const statisticsQuery = (id: number) =>
  queryOptions({
    queryKey: keys.statistics(id),
    queryFn: () =>
      unwrap(api.GET("/conversations/{id}/statistics", { params: { path: { id: String(id) } } })),
    staleTime: 0,
  });

export async function rename(id: number, title: string): Promise<void> {
  const changed = await unwrap(
    api.PATCH("/conversations/{id}", { params: { path: { id: String(id) } }, body: { title } }),
  );
  store(id, { title: changed.title ?? "" });
}

/** Pins or unpins a conversation. Throws an `ApiError`. */
export async function setPinned(id: number, pinned: boolean): Promise<void> {
  const params = { path: { id: String(id) } };
  await unwrap(api.PATCH("/conversations/{id}", { params, body: { pinned } }));
  store(id, { pinned });
  queryClient.invalidateQueries({ queryKey: keys.conversationList }); // its place in the list changes
}

/** Puts what the server has changed in a conversation into the cache. */
function store(id: number, change: Partial<Conversation>): void {
  tellOtherTabs(id);
  updateConversations((known) => (known.id === id ? { ...known, ...change } : known));
  queryClient.setQueryData(keys.conversation(id), (known: Conversation | undefined) =>
    known ? { ...known, ...change } : known,
  );
}

/** Downloads the conversation as a Markdown document. Throws an `ApiError`. */
export async function download({ id, title }: Conversation): Promise<void> {
  const response = await send(`${BASE}/conversations/${id}`, {
    headers: { Accept: "text/markdown" },
  });
  if (!response.ok) throw errorFromResponse(response, await response.json().catch(() => null));
  const name = (title || String(id)).replace(/[\s"*/:<>?\\|]+/g, " ").trim();
  saveFile(await response.blob(), `${name}.md`);
}

/** Deletes a conversation; with `keepalive`, so that it also works while the page is being closed.
 */
export async function remove(id: number): Promise<void> {
  const response = await send(`${BASE}/conversations/${id}`, {
    method: "DELETE",
    headers: { Accept: "application/json" },
    keepalive: true,
  });
  if (response.ok) tellOtherTabs(id);
  if (response.ok || response.status === 404) removeFromCache(id);
}

function removeFromCache(id: number): void {
  updateConversations((known) => (known.id === id ? null : known));
  queryClient.removeQueries({ queryKey: keys.conversation(id) });
  queryClient.removeQueries({ queryKey: keys.searches });
}

function updateConversations(change: (known: Conversation) => Conversation | null): void {
  queryClient.setQueryData(conversationsQuery.queryKey, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      results: page.results.map(change).filter((known) => known !== null),
    }));
    return { ...data, pages };
  });
}
