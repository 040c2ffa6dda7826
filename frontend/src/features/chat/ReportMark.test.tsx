import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import type { Citation } from "@/api/client";
import { renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import { Answered } from "./answered";
import { CitationChip } from "./CitationChip";
import type { MarkReport } from "./markReports";

const citation: Citation = {
  quote: null,
  text: "To be or not to bee",
  start: 5,
  end: 24,
  verdict: "unknown",
  match: "",
  difference: [],
  notes: [],
  links: [],
};
const stored = {
  id: 3,
  reply: 2,
  start: 5,
  end: 24,
  quote: null,
  reason: "verdict",
  note: "",
  state: "open",
  answer: "",
} as unknown as MarkReport;

async function open(...known: MarkReport[]): Promise<HTMLElement> {
  server.use(http.get(at("/chat/1/mark-reports"), () => HttpResponse.json({ results: known })));
  renderPage(
    <Answered value={{ chat: 1, reply: 2 }}>
      <CitationChip citation={citation} />
    </Answered>,
  );
  await userEvent.click(await screen.findByRole("button", { name: /^Not on the board/ }));
  return screen.findByRole("dialog");
}

const isWrong = () => screen.findByRole("button", { name: "This mark is wrong" });

it("sends what is wrong with the place of the mark, and says who sees what", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post(at("/chat/1/mark-reports"), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(stored, { status: 201 });
    }),
  );
  const dialog = await open();
  await userEvent.click(await isWrong());
  expect(await within(dialog).findByRole("radio", { name: /^The verdict/ })).toHaveFocus();
  expect(dialog).toHaveTextContent("up to 80 characters before and after them");
  expect(dialog).toHaveTextContent("neither who you are nor anything else of the conversation");
  await userEvent.click(screen.getByRole("radio", { name: "The speaker or the work" }));
  await userEvent.type(screen.getByRole("textbox"), "It is Hamlet's");
  await userEvent.click(screen.getByRole("button", { name: "Send to the reviewers" }));
  expect(await screen.findByRole("status")).toHaveTextContent("Reviewers will look at it.");
  expect(screen.getByRole("status")).toHaveFocus();
  expect(sent).toEqual([
    { reply: 2, start: 5, end: 24, quote: null, reason: "speaker", note: "It is Hamlet's" },
  ]);
});

it("keeps what was written when it is refused", async () => {
  server.use(http.post(at("/chat/1/mark-reports"), () => problemResponse(409, "limit_reached")));
  await open();
  await userEvent.click(await isWrong());
  await userEvent.type(await screen.findByRole("textbox"), "Mine");
  await userEvent.click(screen.getByRole("button", { name: "Send to the reviewers" }));
  expect(await screen.findByRole("alert")).toBeVisible();
  expect(screen.getByRole("textbox")).toHaveValue("Mine");
});

it("gives the focus back when it is cancelled", async () => {
  await open();
  await userEvent.click(await isWrong());
  await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await isWrong()).toHaveFocus();
});

it("takes a report back", async () => {
  let deleted = 0;
  server.use(
    http.delete(at("/chat/1/mark-reports/3"), () => {
      deleted += 1;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await open(stored);
  await userEvent.click(await screen.findByRole("button", { name: "Take it back" }));
  expect(await isWrong()).toBeVisible();
  await waitFor(() => expect(deleted).toBe(1));
});

it("shows what reviewers have found", async () => {
  const settled = { ...stored, state: "wrong", answer: "The folio has it." } as MarkReport;
  const dialog = await open(settled);
  expect(await within(dialog).findByText(/Reviewers agree: the mark is wrong/)).toBeVisible();
  expect(dialog).toHaveTextContent("The folio has it.");
  expect(screen.queryByRole("button", { name: "Take it back" })).toBeNull();
});

it("says nothing of a report on another mark", async () => {
  await open({ ...stored, start: 6 });
  expect(await isWrong()).toBeVisible();
});
