/** Divides the citations of an answer among its blocks, and inserts their chips. */
import type { Token } from "marked";
import type { Citation } from "@/api/client";
import { type Block, utf16Offsets } from "./markdownBlocks";
import { lexMarkdown } from "./markdownLexer";
import { inOrderOfEnds, type Placed, placeChips } from "./placeChips";

/** The citations of each block, by its index: those of quotations that end in it. */
export function divideCitations(
  text: string,
  blocks: readonly Block[],
  citations: readonly Citation[],
): ReadonlyMap<number, readonly Placed[]> {
  const offsets = utf16Offsets(
    text,
    citations.flatMap(({ start, end }) => [start, end]),
  );
  const waiting = inOrderOfEnds(
    citations.map((citation, at) => {
      return { citation, start: offsets[2 * at] ?? 0, end: offsets[2 * at + 1] ?? 0 };
    }),
  );
  const divided = new Map<number, readonly Placed[]>();
  let from = 0;
  for (const [at, block] of blocks.entries()) {
    const end = at === blocks.length - 1 ? text.length : block.start + block.text.length;
    let to = from;
    while (to < waiting.length && (waiting[to]?.end ?? 0) <= end) to++;
    if (to > from) divided.set(at, waiting.slice(from, to));
    from = to;
  }
  return divided;
}

export interface CitedBlock {
  /** With the chips of its citations. */
  tokens: Token[];
  /** The citations of which no place in the shown text is known. */
  elsewhere: readonly Placed[];
}

export function citeBlock({ head, text, start }: Block, placed: readonly Placed[]): CitedBlock {
  const tokens = lexMarkdown(head + text);
  if (placed.length === 0) return { tokens, elsewhere: placed };
  return { tokens, elsewhere: placeChips(tokens, head + text, start - head.length, placed) };
}
