import { QueryClient } from "@tanstack/react-query";
import { asApiError } from "./apiError";

/** The cache of the server's responses. Only network errors and server errors are retried. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Offline, a query fails with a button to try again; by default it would stay pending.
      networkMode: "always",
      refetchOnWindowFocus: false,
      retry: (count, error) => {
        const { code, status } = asApiError(error);
        return count < 2 && (code === "network" ? navigator.onLine : status >= 500);
      },
      retryDelay: (attempt) => 400 * 2 ** attempt,
    },
    mutations: { networkMode: "always" },
  },
});
