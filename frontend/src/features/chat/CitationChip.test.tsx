import { screen } from "@testing-library/react";
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
  expect(dialog).toHaveTextContent("This is exactly what the board holds.");
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
  expect(dialog.querySelector("blockquote")).toHaveTextContent("죽는 날까지 하늘을 땅을 우러러");
  expect(dialog.querySelector("blockquote del")).toHaveTextContent("땅을");
  expect(dialog.querySelector("blockquote ins")).toHaveTextContent("하늘을");
  const legend = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(legend).toEqual(["Aaonly in the answer", "Aaonly on the board"]);
});

it("warns of a line that is not on the board, and sends no request", async () => {
  const dialog = await open({ verdict: "unknown", quote: null }, /^Not on the board/);
  expect(dialog).toHaveTextContent("No reviewed line says this. Take it with care.");
  expect(dialog).not.toHaveTextContent("On the board");
});

it("says on the chip that the speaker is wrong", async () => {
  onBoard();
  const dialog = await open({ notes: ["wrong_speaker"] }, /^Word for word · other speaker/);
  expect(dialog).toHaveTextContent("The answer names another speaker than the board does.");
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
