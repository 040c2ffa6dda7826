import { expect, it } from "vitest";
import { shapes, superlinear } from "@/test/linearTime";
import { closeOpenMarkdown } from "./Markdown";
import { splitBlocks, utf16Offset } from "./markdownBlocks";
import { decodeEntities, lexMarkdown, safeAddress } from "./markdownLexer";

const SIZES = [1_000, 10_000, 100_000];
const PARSERS = {
  splitBlocks,
  utf16Offset: (text: string) => utf16Offset(text, text.length),
  decodeEntities,
  safeAddress,
  lexMarkdown,
  closeOpenMarkdown,
  code: (text: string) => lexMarkdown(`\`\`\`\n${text}`),
};

it.each(shapes)("parses %s in a time that grows no faster than the text", (_name, make) => {
  for (const [name, parse] of Object.entries(PARSERS)) {
    expect(superlinear(parse, make, SIZES), name).toBe("");
  }
});

it("notices quadratic work", () => {
  const [, spaces = String] = shapes.find(([name]) => name === '" "') ?? [];
  expect(superlinear((text) => /\s+$/.test(`${text}a`), spaces, [1_000, 30_000])).toMatch(/ms for/);
});
