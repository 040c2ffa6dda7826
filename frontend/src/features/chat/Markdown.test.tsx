import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
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
  expect(textBefore(chip)).toBe("He said “to be”");
  expect(container).toHaveTextContent("One.");
});

it.each([
  ["그는 “부끄럼”이라고 했다.", "부끄럼", "그는 “부끄럼”이라고"],
  ["He said “to be”. Then he left.", "to be", "He said “to be”."],
  ["“to be”—which-is-a-long-compound-word", "to be", "“to be”"],
])("does not split a word: %s", (text, quoted, before) => {
  show(text, [cite(text, quoted)]);
  expect(textBefore(screen.getByRole("button", { name: /^Word/ }))).toBe(before);
});

it("takes a return alone for the end of a line, as the server does", () => {
  const text = "> One.\r> “to be”\r\rHe said “to be” again.\r- “to be”";
  const last = text.lastIndexOf("to be");
  const [citation] = [cite(text, "to be")];
  show(text, [citation, { ...citation, start: last, end: last + 5 }]);
  const [first, second] = screen.getAllByRole("button", { name: /^Word/ });
  expect(textBefore(first)).toBe("One.\n“to be”");
  expect(second?.closest("li")).toHaveTextContent("“to be”");
});

it("puts a chip after emphasis, and after the particle that follows it", () => {
  const text = "**“부끄럼”**이라는 말이 있고, **“하늘”** 아래 있다.";
  show(text, [cite(text, "부끄럼"), cite(text, "하늘")]);
  const [first, second] = screen.getAllByRole("button", { name: /^Word/ });
  expect(textBefore(first)).toBe("“부끄럼”이라는");
  expect(textBefore(second)).toMatch(/말이 있고, “하늘”$/);
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
])("lists a quotation in %s below it", (_, text) => {
  show(text, [cite(text, "to be")]);
  const chip = screen.getByRole("button", { name: "Word for word: “to be”" });
  expect(chip.parentElement).toHaveTextContent("“to be”");
  expect(chip.parentElement?.nextElementSibling).toHaveTextContent("End.");
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

const SENTENCE = "Words that go on, **bold** ones too. ";

it("shows a long paragraph in parts, each of which is lexed alone", async () => {
  const container = show(SENTENCE.repeat(250));
  const parts = () => container.querySelectorAll(".prose > p");
  expect(container.textContent?.length).toBeLessThan(6000); // the rest comes in further tasks
  await waitFor(() => expect(container).toHaveTextContent(/too\.\s*$/));
  await waitFor(() => expect(container.querySelectorAll("strong")).toHaveLength(250));
  const lengths = [...parts()].map(({ textContent }) => textContent?.length ?? 0);
  expect(Math.max(...lengths)).toBeLessThan(4000);
  expect([...parts()].slice(1).every((part) => part.classList.contains("goes-on"))).toBe(true);
});

it("shows a long table as one, whose rows come in several tasks", async () => {
  const text = `| line | speaker |\n|---|---|\n${"| **a** | words in a cell |\n".repeat(300)}`;
  const container = show(text);
  const rows = () => container.querySelectorAll("tbody tr").length;
  expect(rows()).toBeLessThan(250);
  await waitFor(() => expect(rows()).toBe(300));
  expect(container.querySelectorAll("table")).toHaveLength(1);
  expect(container.querySelectorAll("td strong")).toHaveLength(300);
});

it("puts the chips of a table that goes on into their rows", async () => {
  const text = `| line | speaker |\n|---|---|\n${"| “to be” | Hamlet |\n".repeat(150)}`;
  const places = [...text.matchAll(/to be/g)].map(({ index }) => index);
  const citations = places.map((start) => ({ ...cite(text, "to be"), start, end: start + 5 }));
  const container = show(text, citations);
  await waitFor(() =>
    expect(container.querySelectorAll("td:first-child button")).toHaveLength(150),
  );
  for (const cell of container.querySelectorAll("tbody td:first-child")) {
    expect(cell.querySelectorAll("button")).toHaveLength(1);
  }
});

it("shows a long answer from its end, where its reader is", async () => {
  const text = Array.from(
    { length: 40 },
    (_, at) => `Paragraph ${at}. words${" and more".repeat(5)}`,
  );
  const { container } = render(<Markdown text={text.join("\n\n")} fromEnd />);
  const shown = () => [...container.querySelectorAll("p")].map((one) => one.textContent);
  await waitFor(() => expect(shown()).not.toEqual([]));
  expect(shown().length).toBeLessThan(40);
  expect(shown()).toEqual(text.slice(-shown().length));
  await waitFor(() => expect(shown()).toHaveLength(40));
});

it("shows the beginning of a table with its last rows", async () => {
  const rows = Array.from({ length: 400 }, (_, at) => `| row ${at} | some words in a cell |`);
  const text = `| a | b |\n|---|---|\n${rows.join("\n")}`;
  const { container } = render(<Markdown text={text} fromEnd />);
  const first = () =>
    [...container.querySelectorAll("td:first-child")].map((one) => one.textContent);
  await waitFor(() => expect(first()).not.toEqual([]));
  expect(first().length).toBeLessThan(400);
  expect([first().at(0), first().at(-1)]).toEqual(["row 0", "row 399"]);
  await waitFor(() => expect(first()).toEqual(rows.map((_, at) => `row ${at}`)));
});

it("shows all of an answer that grows at once", () => {
  const show = (text: string) => (
    <QueryClientProvider client={queryClient}>
      <Markdown text={text} growing />
    </QueryClientProvider>
  );
  const { container, rerender } = render(show("One."));
  for (let times = 100; times < 1000; times += 100) {
    rerender(show(`One.\n\n${"More words.\n\n".repeat(times)}The end.`));
    expect(container).toHaveTextContent("The end.");
  }
});
