import { screen, waitFor } from "@testing-library/react";

import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { setLanguage } from "@/i18n";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { BoardPage, MinePage } from "./BoardPage";

let asked: URLSearchParams[];

beforeEach(() => {
  asked = [];
  queryClient.clear();
  window.scrollTo = () => {};
  server.use(
    http.get(at("/quote"), ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ count: 0, page: 1, per_page: 10, results: [], links: [] });
    }),
    http.get(at("/quote/today"), () => HttpResponse.json({}, { status: 404 })),
  );
});

afterEach(() => setLanguage("en", { keep: false }));

const query = async () => {
  await waitFor(() => expect(asked).not.toHaveLength(0));
  const { per_page: _, ...rest } = Object.fromEntries(asked[0] ?? []);
  return rest;
};

it.each([
  ["/", { state: "applied", language_first: "en" }],
  ["/?page=2", { state: "applied", language_first: "en", page: "2" }],
  ["/?speaker=Hamlet", { state: "applied", language_first: "en", speaker: "Hamlet" }],
  ["/?state=pending", { state: "applied", language_first: "en" }],
  ["/?q=sea", { state: "applied", q: "sea" }],
  ["/?language=fr", { state: "applied", language: "fr" }],
  ["/?sort=new", { state: "applied", sort: "new" }],
])("shows at %s what everybody sees of the board", async (address, expected) => {
  renderPage(<BoardPage />, address);
  expect(await query()).toEqual(expected);
});

it("begins with the lines in the page's language, and says so", async () => {
  await setLanguage("ko", { keep: false });
  renderPage(<BoardPage />);
  expect(await query()).toEqual({ state: "applied", language_first: "ko" });
  const order = await screen.findByRole("combobox", { name: "정렬" });
  expect(order).toHaveDisplayValue("한국어 먼저");
});

it("offers one's own lines in all states, newest first", async () => {
  renderPage(<MinePage />, "/?state=pending");
  expect(await query()).toEqual({ state: "pending", mine: "true" });
  expect(screen.getByRole("combobox", { name: "Order" })).toHaveDisplayValue("Newest");
});
