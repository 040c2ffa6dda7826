import { queryOptions } from "@tanstack/react-query";
import { api, type Quote, type Schemas, unwrap } from "@/api/client";
import { queryClient } from "@/api/queries";
import { quoteQuery } from "@/api/quote";
import type { BoardSearch } from "@/router";

export const PER_PAGE = 10;

export interface BoardFilter extends BoardSearch {
  mine: boolean;
}

export const boardQuery = ({ q, page, state, mine }: BoardFilter) =>
  queryOptions({
    queryKey: ["quotes", { q, page, state, mine }],
    queryFn: () => {
      const query = {
        per_page: PER_PAGE,
        ...(q ? { q } : {}),
        ...(page ? { page } : {}),
        ...(state ? { state } : {}),
        ...(mine ? { mine } : {}),
      };
      return unwrap(api.GET("/quote", { params: { query } }));
    },
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
  await queryClient.invalidateQueries({ queryKey: ["quotes"] });
}

function noted(quote: Quote): Quote {
  queryClient.setQueryData(quoteQuery(quote.id).queryKey, quote);
  queryClient.invalidateQueries({ queryKey: ["quotes"] });
  return quote;
}
