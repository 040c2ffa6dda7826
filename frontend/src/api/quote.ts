import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { keys } from "@/api/keys";

export const quoteQuery = (id: number) =>
  queryOptions({
    queryKey: keys.quote(id),
    queryFn: () => unwrap(api.GET("/quote/{id}", { params: { path: { id: String(id) } } })),
  });
