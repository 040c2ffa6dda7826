import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Citation } from "@/api/client";
import { queryClient } from "@/api/queries";
import Markdown from "./Markdown";

function show(text: string, citations: Citation[] = [], growing = false) {
  return render(
    <QueryClientProvider client={queryClient}>
      <Markdown text={text} citations={citations} growing={growing} />
    </QueryClientProvider>,
  ).container;
}

function cite(text: string, quoted: string, verdict: Citation["verdict"] = "verbatim"): Citation {
  const start = [...text.slice(0, text.indexOf(quoted))].length;
  const end = start + [...quoted].length;
  const found = { match: "exact" as const, difference: [], notes: [], links: [] };
  return { quote: 7, text: quoted, start, end, verdict, ...found };
}

/** The text of the block in front of a chip. */
function textBefore(chip: Element | undefined): string {
  const range = document.createRange();
  range.setStart(chip?.closest("p, li, td, th, h1, h2") as Node, 0);
  range.setEndBefore(chip as Node);
  return range.toString();
}

it("puts a chip after the closing mark of the quoted line", () => {
  const text = "😀 One.\n\nHe said “to be” again.\n\nEnd.";
  const container = show(text, [cite(text, "to be")]);
  const chip = screen.getByRole("button", { name: "Word for word: “to be”" });
  expect(chip.previousSibling?.textContent).toBe("He said “to be”");
  expect(container).toHaveTextContent("One.");
});

it.each([
  ["그는 “부끄럼”이라고 했다.", "부끄럼", "그는 “부끄럼”이라고"],
  ["He said “to be”. Then he left.", "to be", "He said “to be”."],
  ["“to be”—which-is-a-long-compound-word", "to be", "“to be”"],
])("does not split a word: %s", (text, quoted, before) => {
  show(text, [cite(text, quoted)]);
  expect(screen.getByRole("button", { name: /^Word/ }).previousSibling?.textContent).toBe(before);
});

it("puts a chip after emphasis, and after the particle that follows it", () => {
  const text = "**“부끄럼”**이라는 말이 있고, **“하늘”** 아래 있다.";
  show(text, [cite(text, "부끄럼"), cite(text, "하늘")]);
  const [first, second] = screen.getAllByRole("button", { name: /^Word/ });
  expect(first?.previousSibling?.textContent).toBe("이라는");
  expect(second?.previousSibling).toHaveProperty("tagName", "STRONG");
  expect(second?.nextSibling?.textContent).toBe(" 아래 있다.");
});

it("puts the chip behind markup at the end of the quoted text", () => {
  const text = "He said **to** be, or **“to **be**”** again.\n\nEnd.";
  show(text, [cite(text, "**to** be"), cite(text, "to **be**")]);
  const [first, second] = screen.getAllByRole("button", { name: /^Word/ });
  expect(textBefore(first)).toBe("He said to be,");
  expect(textBefore(second)).toMatch(/be[*”]*$/);
});

it("tells repeated words apart", () => {
  const line = "To be, or not to be: that is the question";
  const text = `The line ${line} is old. He said “${line}” — Romeo.`;
  const end = text.lastIndexOf(line) + line.length;
  const second = { ...cite(text, line), start: end - line.length, end };
  show(text, [cite(text, line, "unknown"), second]);
  expect(textBefore(screen.getByRole("button", { name: /^Not on/ }))).toBe(`The line ${line}`);
  expect(textBefore(screen.getByRole("button", { name: /^Word/ }))).toMatch(/He said “.*”$/);
});

it("does not put the chip of a quotation behind the next one", () => {
  const text = '“a”/“b”, "c"·"d"';
  show(text, [cite(text, "a"), cite(text, "b"), cite(text, "c"), cite(text, "d")]);
  const before = screen.getAllByRole("button").map(textBefore);
  expect(before.map((all) => all.slice(-3))).toEqual([
    "“a”",
    "”, ".trimEnd().padStart(3, "b"),
    '"c"',
    '"d"',
  ]);
});

it("puts no button inside of a link", () => {
  const text = "[He said “to be” and left](https://a.example) then.";
  const container = show(text, [cite(text, "to be")]);
  expect(container.querySelector("a button")).toBeNull();
  expect(textBefore(screen.getByRole("button"))).toBe("He said “to be” and left");
});

it.each([
  ["code", "```\n“to be”\n```\n\nEnd."],
  ["the title of a link", '[a]: https://a.example/ "to be"\n\nEnd.'],
])("lists a quotation in %s at the end of the answer", (_, text) => {
  show(text, [cite(text, "to be")]);
  const chip = screen.getByRole("button", { name: "Word for word: “to be”" });
  expect(chip.parentElement).toBe(document.querySelector(".prose > p:last-child"));
  expect(screen.getAllByRole("button", { name: /^Word/ })).toHaveLength(1);
});

it("shows no image and no HTML", () => {
  const container = show('![a cat](https://tracker.example/cat.png) <b onclick="x()">bold</b>');
  expect(container.querySelector("img, b")).toBeNull();
  expect(screen.getByRole("link", { name: "a cat" })).toHaveAttribute("rel", "noopener noreferrer");
});

it("closes open markdown while the answer is being written", () => {
  expect(show("some **bold", [], true).querySelector("strong")).toHaveTextContent("bold");
});

it("gives code a button that copies it, and its language", () => {
  show("```python\nprint(1)\n```");
  expect(screen.getByRole("button", { name: "Copy code" })).toBeVisible();
  expect(screen.getByText("python")).toBeVisible();
});
