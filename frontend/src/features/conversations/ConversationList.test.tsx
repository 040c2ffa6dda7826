import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { delay, HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import Toasts from "@/ui/Toasts";
import { ConversationList } from "./ConversationList";

function answers(answer: () => Response | Promise<Response>): void {
  server.use(http.get(at("/conversations"), answer));
}

function page(...titles: string[]): Response {
  const results = titles.map((title, at) => ({
    id: at + 1,
    title,
    created_at: new Date().toISOString(),
    updated_at: new Date().toISOString(),
    chat_count: 1,
    links: [],
  }));
  return HttpResponse.json({ count: results.length, page: 1, per_page: 30, results, links: [] });
}

it("shows the conversations grouped by date", async () => {
  answers(() => page("Lighthouses", "Rain"));
  renderPage(<ConversationList />);
  expect(await screen.findByRole("link", { name: "Lighthouses" })).toHaveAttribute("href", "/c/1");
  expect(screen.getByRole("region", { name: "Today" })).toHaveTextContent("Rain");
});

it("says where conversations will be when there is none", async () => {
  answers(() => page());
  renderPage(<ConversationList />);
  expect(await screen.findByText("Your conversations will be listed here.")).toBeVisible();
});

it("says to a screen reader that it is loading", async () => {
  answers(async () => {
    await delay("infinite");
    return page();
  });
  renderPage(<ConversationList />);
  expect(await screen.findByRole("status")).toHaveTextContent("Loading");
});

it("can be tried again when it failed", async () => {
  answers(() => problemResponse(403, "permission_denied"));
  renderPage(<ConversationList />);
  expect(await screen.findByRole("alert")).toBeVisible();
  answers(() => page("Back again"));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "Back again" })).toBeVisible();
});

it("shows pinned conversations under a heading of their own, and says why one more is refused", async () => {
  const body = await page("Lighthouses", "Rain").json();
  body.results[1].pinned = true;
  answers(() => HttpResponse.json(body));
  const detail = "You have pinned as many conversations as allowed.";
  server.use(
    http.patch(at("/conversations/1"), () => problemResponse(409, "limit_reached", detail)),
  );
  renderPage(
    <>
      <ConversationList />
      <Toasts />
    </>,
  );
  const pinned = await screen.findByRole("region", { name: "Pinned" });
  expect(pinned).toHaveTextContent("Rain");
  expect(screen.getByRole("region", { name: "Today" })).not.toHaveTextContent("Rain");
  await userEvent.click(screen.getByRole("button", { name: "Options for “Lighthouses”" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Pin" }));
  expect(await screen.findByText(detail)).toBeVisible();
  expect(pinned).not.toHaveTextContent("Lighthouses");
});
