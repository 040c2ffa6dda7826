import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import type { Conversation, Schemas } from "@/api/client";
import { renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import StatisticsDialog from "./StatisticsDialog";

const conversation = { id: 7, title: "Lighthouses" } as Conversation;
const FOUND: Schemas["Statistics"] = {
  conversation: 7,
  turns: 1234,
  answers: 3,
  states: [
    { status: "done", answers: 2 },
    { status: "failed", answers: 1 },
  ],
  models: [
    { model: "gpt-4o-mini", answers: 2 },
    { model: "board", answers: 1 },
  ],
  tokens: {
    prompt_tokens: 1500,
    completion_tokens: 20,
    counted_answers: 2,
    uncounted_answers: 1,
  },
  seconds: { timed_answers: 2, median: 2.34, longest: 61.7 },
  quotations: [{ verdict: "verbatim", quotations: 4 }],
  first_asked_at: "2026-03-01T09:00:00+09:00",
  last_asked_at: "2026-03-02T09:00:00+09:00",
  links: [],
};

function show(found: Partial<Schemas["Statistics"]>) {
  server.use(
    http.get(at("/conversations/7/statistics"), () => HttpResponse.json({ ...FOUND, ...found })),
  );
  renderPage(<StatisticsDialog conversation={conversation} onClose={() => {}} />);
}

/** The value beside a term. */
async function numberOf(term: string): Promise<string | null> {
  const label = await screen.findByText(term, { selector: "dt" });
  return label.parentElement?.querySelector("dd")?.textContent ?? null;
}

it("shows the numbers", async () => {
  show({});
  const dialog = await screen.findByRole("dialog", { name: "Statistics" });
  expect(dialog).toHaveAccessibleDescription("Lighthouses");
  expect(await numberOf("Questions")).toBe("1,234");
  expect(await numberOf("Answers")).toBe("3");
  expect(within(dialog).getByText("1 failed")).toBeVisible();
  expect(await numberOf("GPT-4o mini")).toBe("2");
  expect(await numberOf("Board")).toBe("1");
  expect(await numberOf("median")).toBe("2.3 s");
  expect(await numberOf("longest")).toBe("62 s");
  expect(await numberOf("read by the models")).toBe("1,500");
  expect(within(dialog).getByText("Not known for 1 of 3 answers.")).toBeVisible();
  expect(await numberOf("Word for word")).toBe("4");
  expect(await numberOf("last question")).toMatch(/2026/);
});

it("says that no tokens are known, and leaves out what there is not", async () => {
  show({
    tokens: { prompt_tokens: 0, completion_tokens: 0, counted_answers: 0, uncounted_answers: 3 },
    seconds: { timed_answers: 0, median: null, longest: null },
    quotations: [],
    turns: 1,
  });
  expect(await screen.findByText("Not known for these answers.")).toBeVisible();
  for (const term of ["read by the models", "median", "last question"]) {
    expect(screen.queryByText(term)).toBeNull();
  }
});

it("says where nothing was asked", async () => {
  show({ turns: 0, answers: 0, states: [], models: [] });
  expect(await screen.findByText(/Nothing has been asked/)).toBeVisible();
});

it("can be tried again when it failed", async () => {
  server.use(http.get(at("/conversations/7/statistics"), () => problemResponse(404, "not_found")));
  renderPage(<StatisticsDialog conversation={conversation} onClose={() => {}} />);
  expect(await screen.findByRole("alert")).toBeVisible();
  server.use(http.get(at("/conversations/7/statistics"), () => HttpResponse.json(FOUND)));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await numberOf("Questions")).toBe("1,234");
});
