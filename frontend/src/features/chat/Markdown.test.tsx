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

it("puts the chip at the end of the block if markup splits the quoted text", () => {
  const text = "He said **to** be.\n\nEnd.";
  show(text, [{ ...cite(text, "He"), text: "to be", verdict: "altered" }]);
  const chip = screen.getByRole("button", { name: "Altered: “to be”" });
  expect(chip.closest("p")).toHaveTextContent("He said to be.");
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
