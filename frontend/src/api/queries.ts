import { QueryClient } from "@tanstack/react-query";
import { asRefusal } from "./problem";

/** The one cache of what the server told. A refusal is an answer: only what may pass is retried. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Offline is shown as an error with a way out, not as loading that never ends.
      networkMode: "always",
      refetchOnWindowFocus: false,
      retry: (count, error) => {
        const { code, status } = asRefusal(error);
        return count < 2 && (code === "network" ? navigator.onLine : status >= 500);
      },
      retryDelay: (attempt) => 400 * 2 ** attempt,
    },
    mutations: { networkMode: "always" },
  },
});
