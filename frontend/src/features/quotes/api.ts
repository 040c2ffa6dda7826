import { queryOptions } from "@tanstack/react-query";
import { asApiError } from "@/api/apiError";
import { api, type Quote, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { quoteQuery } from "@/api/quote";
import type { BoardSearch } from "./boardSearch";

export const PER_PAGE = 10;
export const LANGUAGES = ["ko", "en", "ja", "zh", "fr"] as const;

export interface BoardFilter extends BoardSearch {
  mine?: boolean;
  language_first?: string;
}

export const boardQuery = (filter: BoardFilter) =>
  queryOptions({
    queryKey: keys.quoteList(filter),
    queryFn: () => {
      const query = { per_page: PER_PAGE, ...filter };
      return unwrap(api.GET("/quote", { params: { query } }));
    },
  });

/** The quote of the day in the page's language; null where the board is empty. */
export const quoteOfTheDayQuery = (language: string) =>
  queryOptions({
    queryKey: keys.quoteOfTheDay(language),
    queryFn: () =>
      unwrap(api.GET("/quote/today")).catch((error: unknown) => {
        if (asApiError(error).status === 404) return null;
        throw error;
      }),
    retry: false,
  });

export const randomQuote = () => unwrap(api.GET("/quote/random"));

/** Likes a line or removes the like; returns the line. */
export function setLiked(id: number, liked: boolean): Promise<Quote> {
  const params = { params: { path: { id: String(id) } } };
  return unwrap(
    liked ? api.PUT("/quote/{id}/like", params) : api.DELETE("/quote/{id}/like", params),
  );
}

/** Changes a line in every cached response, without fetching the lists again. */
export function updateQuote(id: number, change: Partial<Quote>): void {
  const changed = <T extends Quote | null | undefined>(quote: T): T =>
    quote?.id === id ? { ...quote, ...change } : quote;
  queryClient.setQueriesData<{ results: Quote[] }>({ queryKey: keys.quoteLists }, (page) =>
    page ? { ...page, results: page.results.map(changed) } : page,
  );
  queryClient.setQueryData<Quote>(quoteQuery(id).queryKey, changed);
  // A like answers with links of the line, among which there is none for embedding it.
  queryClient.setQueriesData<Quote | null>({ queryKey: keys.quotesOfTheDay }, (quote) => {
    const embed = quote?.links.filter(({ rel }) => rel === "embed") ?? [];
    const now = changed(quote);
    return now && now !== quote && change.links
      ? { ...now, links: [...change.links, ...embed] }
      : now;
  });
}

/** Lines that are like the given one; a newer request aborts an older one. */
export const similarQuery = (content: string, except: number | undefined) =>
  queryOptions({
    queryKey: keys.similarQuotes(content, except),
    queryFn: ({ signal }) => {
      const body = { content, ...(except ? { besides: except } : {}) };
      return unwrap(api.POST("/quote/similar", { body, signal }));
    },
    gcTime: 0,
    retry: false,
  });

export async function submitQuote(fields: Schemas["QuoteInputRequest"]): Promise<Quote> {
  return storeQuote(await unwrap(api.POST("/quote", { body: fields })));
}

export async function editQuote(id: number, fields: Schemas["QuoteInputRequest"]): Promise<Quote> {
  return storeQuote(
    await unwrap(api.PUT("/quote/{id}", { params: { path: { id: String(id) } }, body: fields })),
  );
}

export async function withdrawQuote(id: number): Promise<void> {
  await unwrap(api.DELETE("/quote/{id}", { params: { path: { id: String(id) } } }));
  queryClient.removeQueries({ queryKey: keys.quote(id) });
  queryClient.invalidateQueries({ queryKey: keys.quotesOfTheDay });
  await queryClient.invalidateQueries({ queryKey: keys.quoteLists });
}

function storeQuote(quote: Quote): Quote {
  queryClient.setQueryData(quoteQuery(quote.id).queryKey, quote);
  queryClient.invalidateQueries({ queryKey: keys.quoteLists });
  queryClient.invalidateQueries({ queryKey: keys.quotesOfTheDay });
  return quote;
}
