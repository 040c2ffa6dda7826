import { expect, it } from "vitest";
import type { Citation } from "@/api/client";
import { shapes, superlinear } from "@/test/linearTime";
import { citeBlock, divideCitations } from "./citedBlocks";
import { closeOpenMarkdown } from "./Markdown";
import { splitBlocks, utf16Offsets } from "./markdownBlocks";
import { decodeEntities, lexMarkdown, safeAddress } from "./markdownLexer";

const SIZES = [1_000, 10_000, 100_000];
const PARSERS = {
  splitBlocks,
  utf16Offsets: (text: string) => utf16Offsets(text, [text.length]),
  decodeEntities,
  safeAddress,
  lexMarkdown,
  closeOpenMarkdown,
  citeBlocks: (text: string) => {
    const blocks = splitBlocks(text);
    const divided = divideCitations(text, blocks, citationsOf(text));
    return blocks.map((block, at) => citeBlock(block, divided.get(at) ?? []));
  },
  code: (text: string) => lexMarkdown(`\`\`\`\n${text}`),
};

/** As many as the server finds at most. */
function citationsOf(text: string): Citation[] {
  const found = { quote: 1, text: "", verdict: "verbatim", match: "exact" } as const;
  return Array.from({ length: 40 }, (_, at) => {
    const start = Math.floor((at * text.length) / 40);
    return { ...found, start, end: start + 20, difference: [], notes: [], links: [] };
  });
}

it.each(shapes)("parses %s in a time that grows no faster than the text", (_name, make) => {
  for (const [name, parse] of Object.entries(PARSERS)) {
    expect(superlinear(parse, make, SIZES), name).toBe("");
  }
});

it("notices quadratic work", () => {
  const [, spaces = String] = shapes.find(([name]) => name === '" "') ?? [];
  expect(superlinear((text) => /\s+$/.test(`${text}a`), spaces, [1_000, 30_000])).toMatch(/ms for/);
});
