import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import type { Citation, Quote } from "@/api/client";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import { CitationChip } from "./CitationChip";

const LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를";
const quote = {
  id: 7,
  content: LINE,
  speaker: "윤동주",
  source: "서시",
  language: "ko",
} as Quote;

function citation(change: Partial<Citation> = {}): Citation {
  return {
    quote: 7,
    text: LINE,
    start: 0,
    end: LINE.length,
    verdict: "verbatim",
    match: "exact",
    difference: [],
    notes: [],
    links: [],
    ...change,
  };
}

function onBoard(): void {
  server.use(http.get(at("/quote/7"), () => HttpResponse.json(quote)));
}

async function open(change: Partial<Citation>, name: RegExp): Promise<HTMLElement> {
  renderPage(<CitationChip citation={citation(change)} />);
  await userEvent.click(await screen.findByRole("button", { name }));
  return screen.findByRole("dialog");
}

afterEach(() => mockMedia(() => false));

it("shows the board's line for a verbatim quotation", async () => {
  onBoard();
  const dialog = await open({}, /^Word for word: “죽는/);
  expect(await screen.findByText(LINE)).toHaveAttribute("lang", "ko");
  await within(dialog).findByText("This is exactly what the board holds.");
  expect(dialog).toHaveTextContent("윤동주, 서시");
  expect(dialog).not.toHaveTextContent("In the answer");
  expect(screen.getByRole("link", { name: "See on the board" })).toHaveAttribute(
    "href",
    "/quotes/7",
  );
});

it("shows which part an excerpt is", async () => {
  onBoard();
  const dialog = await open({ verdict: "excerpt", text: "하늘을 우러러" }, /^Excerpt/);
  expect(await screen.findByText(LINE)).toBeInTheDocument();
  expect(dialog).toHaveTextContent("In the answer하늘을 우러러");
  expect(dialog).toHaveTextContent("only a part");
});

it("shows the word difference of an altered line", async () => {
  onBoard();
  const dialog = await open(
    {
      verdict: "altered",
      text: "죽는 날까지 땅을 우러러",
      difference: [
        { kind: "same", text: "죽는 날까지" },
        { kind: "missing", text: "하늘을" },
        { kind: "added", text: "땅을" },
        { kind: "same", text: "우러러" },
      ],
    },
    /^Altered/,
  );
  await within(dialog).findByText("The board's line reads differently.");
  expect(dialog.querySelector("blockquote")).toHaveTextContent("죽는 날까지 하늘을 땅을 우러러");
  expect(dialog.querySelector("blockquote del")).toHaveTextContent("땅을");
  expect(dialog.querySelector("blockquote ins")).toHaveTextContent("하늘을");
  const legend = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(legend).toEqual(["Aaonly in the answer", "Aaonly on the board"]);
});

it("warns of a line that is not on the board, and sends no request", async () => {
  const dialog = await open({ verdict: "unknown", quote: null }, /^Not on the board/);
  await within(dialog).findByText("No reviewed line says this. Take it with care.");
  expect(dialog).not.toHaveTextContent("On the board");
});

it("says on the chip that the speaker is wrong", async () => {
  onBoard();
  const dialog = await open({ notes: ["wrong_speaker"] }, /^Word for word · other speaker/);
  expect(await within(dialog).findByText(/^The answer names another speaker/)).toBeVisible();
});

it("shows the same words with other marks as such, with the difference", async () => {
  onBoard();
  const dialog = await open(
    {
      verdict: "same_words",
      match: "skeleton",
      text: "죽는 날까지 하늘을 우러러!",
      difference: [
        { kind: "same", text: "죽는 날까지 하늘을" },
        { kind: "missing", text: "우러러." },
        { kind: "added", text: "우러러!" },
      ],
    },
    /^Same words, other punctuation: “/,
  );
  await within(dialog).findByText(/^The letters and digits are the board's/);
  expect(dialog.querySelector("del")).toHaveTextContent("우러러!");
  expect(dialog.querySelector("ins")).toHaveTextContent("우러러.");
  expect(dialog).not.toHaveTextContent("exactly");
});

it.each([
  ["negation_left_out", "Excerpt · a negation left out", "The left-out part contains a negation"],
  ["told_as_wrong", "Excerpt · as the answer says", "The answer itself calls this wording wrong."],
  ["look_alike", "Excerpt", "letters that look the same but are different ones"],
  ["wrong_id", "Excerpt", "The answer names another line's number."],
] as const)("says of the note %s what it means", async (note, name, text) => {
  onBoard();
  const dialog = await open({ verdict: "excerpt", notes: [note] }, new RegExp(`^${name}: “`));
  await within(dialog).findByText(/^Word for word, but only a part/);
  expect(dialog).toHaveTextContent(text);
});

it.each([
  ["verbatim", [], "ok"],
  ["same_words", [], "mute"],
  ["excerpt", [], "ok"],
  ["altered", [], "danger"],
  ["unknown", [], "mute"],
  ["verbatim", ["wrong_speaker"], "warn"],
  ["altered", ["wrong_speaker"], "danger"],
  ["excerpt", ["negation_left_out"], "warn"],
  ["altered", ["told_as_wrong"], "mute"],
] as const)("alarms only where words were changed: %s %j is %s", async (verdict, notes, colour) => {
  renderPage(<CitationChip citation={citation({ verdict, notes: [...notes] })} />);
  expect(await screen.findByRole("button")).toHaveClass(`text-${colour}`);
});

it("says that the line was withdrawn", async () => {
  server.use(http.get(at("/quote/7"), () => problemResponse(404, "not_found")));
  await open({}, /^Word for word/);
  expect(await screen.findByText("The line is no longer on the board.")).toBeVisible();
});

it("has a button to try again when the request fails", async () => {
  server.use(http.get(at("/quote/7"), () => problemResponse(403, "permission_denied")));
  await open({}, /^Word for word/);
  onBoard();
  await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
  expect(await screen.findByText(LINE)).toBeVisible();
});

it("is a sheet on a narrow screen, and returns the focus", async () => {
  mockMedia((query) => query.includes("width"));
  onBoard();
  await open({}, /^Word for word/);
  expect(await screen.findByText(LINE)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.getByRole("button", { name: /^Word for word/ })).toHaveFocus();
});
