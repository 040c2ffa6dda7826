import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";

export const quoteQuery = (id: number) =>
  queryOptions({
    queryKey: ["quote", id],
    queryFn: () => unwrap(api.GET("/quote/{id}", { params: { path: { id: String(id) } } })),
  });
