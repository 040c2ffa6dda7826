import { describe, expect, it } from "vitest";
import { splitBlocks, utf16Offsets } from "./markdownBlocks";

const texts = (markdown: string) => splitBlocks(markdown).map(({ text }) => text);

describe("splitBlocks", () => {
  it.each([
    ["paragraphs", "one\n\ntwo", ["one\n\n", "two"]],
    ["code with blank lines", "```\na\n\nb\n```\n\nc", ["```\na\n\nb\n```\n\n", "c"]],
    ["an open fence", "a\n\n```\nb\n\nc", ["a\n\n", "```\nb\n\nc"]],
    ["a longer fence", "````\n```\n\n```\n````\n\nx", ["````\n```\n\n```\n````\n\n", "x"]],
    ["a loose list", "1. a\n\n2. b\n\n3. c\n\nend", ["1. a\n\n2. b\n\n3. c\n\n", "end"]],
    ["what belongs to a list item", "- a\n\n  more\n\nend", ["- a\n\n  more\n\n", "end"]],
    ["nothing", "", []],
  ])("keeps %s together", (_, markdown, expected) => {
    expect(texts(markdown)).toEqual(expected);
  });

  it("loses no text and gives the offset of each block", () => {
    const markdown = "# a\n\nb\n\n```js\nc\n```\n\n| d |\n|---|\n\n- e\n";
    const blocks = splitBlocks(markdown);
    expect(blocks.map(({ text }) => text).join("")).toBe(markdown);
    for (const { start, text } of blocks) expect(markdown.startsWith(text, start)).toBe(true);
  });

  it("does not change a block once the next has begun", () => {
    const markdown = "one\n\n```\ncode\n\nmore\n```\n\n- a\n\n- b\n\nend\n\nlast";
    let before: string[] = [];
    for (let length = 1; length <= markdown.length; length++) {
      const now = texts(markdown.slice(0, length));
      const settled = before.slice(0, -1);
      if (now.length > before.length) expect(now.slice(0, settled.length)).toEqual(settled);
      before = now;
    }
  });
});

it("converts offsets in characters to UTF-16 units, in which some characters have two", () => {
  expect(utf16Offsets("😀가b", [2, 0, 1, 1])).toEqual([3, 0, 2, 2]);
  expect(utf16Offsets("😀", [5])).toEqual([2]);
  expect(utf16Offsets("😀", [])).toEqual([]);
});

it("splits a long list only between its items", () => {
  const item = "1. an item\n   - with one below it\n\n   ```\n1. code\n   ```\n";
  const text = item.repeat(100);
  const blocks = splitBlocks(text);
  expect(blocks.length).toBeGreaterThan(2);
  expect(blocks.map((block) => block.text).join("")).toBe(text);
  for (const block of blocks) expect(block.text.startsWith("1. an item\n")).toBe(true);
  expect(splitBlocks(item.repeat(5))).toHaveLength(1);
});

describe("long blocks", () => {
  const long = {
    paragraph: "Words that go on, **bold** ones too. ".repeat(500),
    verse: "A line of verse without an end\n".repeat(500),
    quotation: "> A line of a quotation.\n".repeat(500),
    "line of a quotation": `> ${"A sentence in a quotation. ".repeat(500)}`,
    table: `| a | b |\n|---|---|\n${"| words | “more” words |\n".repeat(500)}`,
    "line without a space": "가나다라😀".repeat(3000),
    "line without a sentence": "words and words, ".repeat(1000),
    "sentences in emphasis": `**${"Bold words. ".repeat(1000)}**`,
  };

  it.each(Object.entries(long))("divides a %s, and loses nothing", (_, text) => {
    const blocks = splitBlocks(text);
    expect(blocks.length).toBeGreaterThan(2);
    expect(blocks.map((block) => block.text).join("")).toBe(text);
    for (const [at, block] of blocks.entries()) {
      expect(text.startsWith(block.text, block.start)).toBe(true);
      expect(block.text.length).toBeLessThan(4100);
      expect(block.continues).toBe(at > 0);
    }
  });

  it.each(Object.entries(long))("leaves the parts of a %s while it grows", (_, text) => {
    const whole = texts(text);
    for (let length = 1000; length < text.length; length += 997) {
      const settled = texts(text.slice(0, length)).slice(0, -1);
      expect(whole.slice(0, settled.length)).toEqual(settled);
    }
  });

  it("gives each part of a table its header", () => {
    const [, ...rest] = splitBlocks(`Words.\n${long.table}`);
    expect(rest.every(({ head }) => head === "| a | b |\n|---|---|\n")).toBe(true);
  });

  it("divides no code, and no sentence before an item of a list", () => {
    expect(splitBlocks(`\`\`\`\n${"code. Words\n".repeat(500)}\`\`\``)).toHaveLength(1);
    for (const { text } of splitBlocks("Words. 1. item ".repeat(700))) {
      expect(text).not.toMatch(/^1\./);
    }
  });
});
