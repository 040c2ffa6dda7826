/** Divides the citations of an answer among its blocks. */
import type { Token } from "marked";
import type { Citation } from "@/api/client";
import { type Block, utf16Offsets } from "./markdownBlocks";
import { lexMarkdown } from "./markdownLexer";
import { inOrderOfEnds, type Placed, placeChips } from "./placeChips";

export interface CitedBlock {
  /** With the chips of its citations. */
  tokens: Token[];
  placed: readonly Placed[];
}

export interface CitedBlocks {
  /** By the index of the block; only those in which a quotation ends. */
  blocks: ReadonlyMap<number, CitedBlock>;
  /** Those of which no place in the shown text is known. */
  elsewhere: readonly Citation[];
}

export function citeBlocks(
  text: string,
  blocks: readonly Block[],
  citations: readonly Citation[],
): CitedBlocks {
  const offsets = utf16Offsets(
    text,
    citations.flatMap(({ start, end }) => [start, end]),
  );
  const all = citations.map((citation, at) => {
    return { citation, start: offsets[2 * at] ?? 0, end: offsets[2 * at + 1] ?? 0 };
  });
  const cited = new Map<number, CitedBlock>();
  const missing: Placed[] = [];
  const waiting = inOrderOfEnds(all);
  for (const [at, block] of blocks.entries()) {
    const end = block.start + block.text.length;
    const beyond = waiting.findIndex((one) => one.end > end);
    const placed = waiting.splice(0, beyond < 0 ? waiting.length : beyond);
    if (placed.length === 0) continue;
    const tokens = lexMarkdown(block.text);
    missing.push(...placeChips(tokens, block.text, block.start, placed));
    cited.set(at, { tokens, placed });
  }
  missing.push(...waiting);
  return { blocks: cited, elsewhere: missing.map(({ citation }) => citation) };
}
