import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { queryClient } from "@/api/queries";

/** Renders something as a page at `/`; every other address says which one it is. */
export function show(element: ReactNode): RenderResult {
  const root = createRootRoute();
  const home = createRoute({
    getParentRoute: () => root,
    path: "/",
    component: () => element,
  });
  const elsewhere = createRoute({
    getParentRoute: () => root,
    path: "$",
    component: () => <p>{location.pathname}</p>,
  });
  const router = createRouter({
    routeTree: root.addChildren([home, elsewhere]),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  return render(
    <QueryClientProvider client={queryClient}>
      {/* The page's own router is registered for types; this one has no address of it. */}
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
}

/** Says whether the system (the touch, the width, the network) is so. */
export function media(matching: (query: string) => boolean): void {
  window.matchMedia = (query: string) =>
    ({
      matches: matching(query),
      media: query,
      addEventListener() {},
      removeEventListener() {},
    }) as never;
}
