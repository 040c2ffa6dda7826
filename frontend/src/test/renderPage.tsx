import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
  useLocation,
} from "@tanstack/react-router";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { queryClient } from "@/api/queries";
import { parseSearch, stringifySearch } from "@/routes/search";

/** Renders an element as the page at `/`. Every other address shows its own path.
 * `address` may add a query or a fragment.
 */
export function renderPage(element: ReactNode, address = "/"): RenderResult {
  const root = createRootRoute();
  const home = createRoute({
    getParentRoute: () => root,
    path: "/",
    component: () => element,
  });
  const elsewhere = createRoute({
    getParentRoute: () => root,
    path: "$",
    component: () => <p>{useLocation().pathname}</p>,
  });
  const router = createRouter({
    routeTree: root.addChildren([home, elsewhere]),
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch,
    stringifySearch,
  });
  return render(
    <QueryClientProvider client={queryClient}>
      {/* Types are registered for the page's own router, which has other routes. */}
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
}

/** Decides which media queries match. */
export function mockMedia(matching: (query: string) => boolean): void {
  window.matchMedia = (query: string) =>
    ({
      matches: matching(query),
      media: query,
      addEventListener() {},
      removeEventListener() {},
    }) as never;
}
