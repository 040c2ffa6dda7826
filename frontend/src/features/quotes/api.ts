import { queryOptions } from "@tanstack/react-query";
import { api, type Quote, type Schemas, unwrap } from "@/api/client";
import { asRefusal } from "@/api/problem";
import { queryClient } from "@/api/queries";
import { quoteQuery } from "@/api/quote";
import type { BoardSearch } from "@/router";

export const PER_PAGE = 10;
export const LANGUAGES = ["ko", "en", "ja", "zh", "fr"] as const;

export interface BoardFilter extends BoardSearch {
  mine?: boolean;
}

export const boardQuery = (filter: BoardFilter) =>
  queryOptions({
    queryKey: ["quotes", filter],
    queryFn: () => {
      const query = { per_page: PER_PAGE, ...filter };
      return unwrap(api.GET("/quote", { params: { query } }));
    },
  });

/** The line of the day; null where the board is empty. */
export const todayQuery = queryOptions({
  queryKey: ["today"],
  queryFn: () =>
    unwrap(api.GET("/quote/today")).catch((error: unknown) => {
      if (asRefusal(error).status === 404) return null;
      throw error;
    }),
  retry: false,
});

export const randomQuote = () => unwrap(api.GET("/quote/random"));

/** Likes a line or takes that back; the line as it is then. */
export function setLiked(id: number, liked: boolean): Promise<Quote> {
  const params = { params: { path: { id: String(id) } } };
  return unwrap(
    liked ? api.PUT("/quote/{id}/like", params) : api.DELETE("/quote/{id}/like", params),
  );
}

/** Puts a change of a line wherever the page shows it, without asking the server for the lists. */
export function changeShown(id: number, change: Partial<Quote>): void {
  const changed = <T extends Quote | null | undefined>(quote: T): T =>
    quote?.id === id ? { ...quote, ...change } : quote;
  queryClient.setQueriesData<{ results: Quote[] }>({ queryKey: ["quotes"] }, (page) =>
    page ? { ...page, results: page.results.map(changed) } : page,
  );
  queryClient.setQueryData<Quote>(quoteQuery(id).queryKey, changed);
  queryClient.setQueryData<Quote | null>(todayQuery.queryKey, changed);
}

/** What is like a line that is being written; a newer question aborts an older one. */
export const similarQuery = (content: string, besides: number | undefined) =>
  queryOptions({
    queryKey: ["similar", content, besides],
    queryFn: ({ signal }) => {
      const body = { content, ...(besides ? { besides } : {}) };
      return unwrap(api.POST("/quote/similar", { body, signal }));
    },
    gcTime: 0,
    retry: false,
  });

export async function submitQuote(fields: Schemas["QuoteInputRequest"]): Promise<Quote> {
  return noted(await unwrap(api.POST("/quote", { body: fields })));
}

export async function editQuote(id: number, fields: Schemas["QuoteInputRequest"]): Promise<Quote> {
  return noted(
    await unwrap(api.PUT("/quote/{id}", { params: { path: { id: String(id) } }, body: fields })),
  );
}

export async function withdrawQuote(id: number): Promise<void> {
  await unwrap(api.DELETE("/quote/{id}", { params: { path: { id: String(id) } } }));
  queryClient.removeQueries({ queryKey: quoteQuery(id).queryKey });
  queryClient.invalidateQueries({ queryKey: todayQuery.queryKey });
  await queryClient.invalidateQueries({ queryKey: ["quotes"] });
}

function noted(quote: Quote): Quote {
  queryClient.setQueryData(quoteQuery(quote.id).queryKey, quote);
  queryClient.invalidateQueries({ queryKey: ["quotes"] });
  queryClient.invalidateQueries({ queryKey: todayQuery.queryKey });
  return quote;
}
