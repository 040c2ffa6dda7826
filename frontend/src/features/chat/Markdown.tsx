import { memo, useMemo, useState } from "react";
import remend from "remend";
import type { Citation } from "@/api/client";
import { citeBlock, divideCitations } from "./citedBlocks";
import { type Block, splitBlocks, withLineFeeds } from "./markdownBlocks";
import type { Placed } from "./placeChips";
import { areSamePieces, Blocks, Elsewhere, isSamePiece, type Piece } from "./Tokens";
import { useGradually } from "./useGradually";

/** Open markdown in a longer block is not closed, because the time to find it grows with the
 * lines.
 */
const MAX_OPEN_LENGTH = 5000;

/** The number of characters that are rendered in one task: of an answer that is there already, and of
 * what is added to one that is being written.
 */
const CHARACTERS_AT_ONCE = 700;
const NEW_CHARACTERS_AT_ONCE = 1500;

const NO_CITATIONS: readonly Citation[] = [];
const NOTHING: readonly Placed[] = [];

interface MarkdownProps {
  text: string;
  citations?: readonly Citation[] | undefined;
  /** While the answer is being written, open markdown at its end is closed (`**bold` →
   * `**bold**`).
   */
  growing?: boolean;
  /** Whether a long answer is rendered from its end, where the reader is. */
  fromEnd?: boolean;
}

const Markdown = memo(function Markdown({
  text: written,
  citations = NO_CITATIONS,
  growing = false,
  fromEnd = false,
}: MarkdownProps) {
  const text = withLineFeeds(written);
  const blocks = useMemo(() => splitBlocks(text), [text]);
  const atOnce = growing ? NEW_CHARACTERS_AT_ONCE : CHARACTERS_AT_ONCE;
  const isShown = useShownBlocks(text.length, atOnce, fromEnd && !growing);
  const marked = useMarked(text, citations);
  const cited = useDividedCitations(text, blocks, citations);
  const pieces = blocks.map((block, at) => {
    const isOpen = growing && at === blocks.length - 1;
    const shown = isOpen ? { ...block, text: closed(block) } : block;
    return { block: shown, placed: (block.start < marked && cited.get(at)) || NOTHING };
  });
  return (
    <div className={growing ? "prose growing" : "prose"}>
      {withRests(pieces)
        .filter(({ piece, rest }) => [piece, ...rest].some(isShown))
        .map(({ piece, rest }) => (
          <MarkdownBlock key={piece.block.start} {...piece} rest={rest.filter(isShown)} />
        ))}
    </div>
  );
});

export default Markdown;

/** Which blocks are rendered now: more after each task, from the beginning of the text or its end.
 * Of a table that goes on in several, the first is rendered with any other.
 */
function useShownBlocks(total: number, atOnce: number, wantsEnd: boolean) {
  const [fromEnd, setFromEnd] = useState(wantsEnd);
  if (fromEnd && !wantsEnd) setFromEnd(false); // another answer is written in its place
  const count = useGradually(total, atOnce);
  return ({ block: { start, text } }: Piece) =>
    fromEnd ? start + text.length > total - count : start < count;
}

/** Up to where the marks are shown. Those that come with the end of an answer are added to what is
 * there already: they too in several tasks.
 */
function useMarked(text: string, citations: readonly Citation[]): number {
  const [first] = useState(citations);
  const isFirst = citations === first;
  const reached = useGradually(isFirst ? 0 : text.length, CHARACTERS_AT_ONCE, citations);
  return isFirst ? Number.POSITIVE_INFINITY : reached;
}

function useDividedCitations(
  text: string,
  blocks: readonly Block[],
  citations: readonly Citation[],
) {
  return useMemo(
    () =>
      citations.length
        ? divideCitations(text, blocks, citations)
        : new Map<number, readonly Placed[]>(),
    [text, blocks, citations],
  );
}

/** Each block, together with the blocks that continue its table. */
function withRests(pieces: Piece[]): { piece: Piece; rest: Piece[] }[] {
  const found: { piece: Piece; rest: Piece[] }[] = [];
  for (const piece of pieces) {
    if (piece.block.head.includes("|")) found.at(-1)?.rest.push(piece);
    else found.push({ piece, rest: [] });
  }
  return found;
}

function closed({ head, text }: Block): string {
  return closeOpenMarkdown(head + text).slice(head.length);
}

export function closeOpenMarkdown(text: string): string {
  return text.length > MAX_OPEN_LENGTH ? text : remend(text);
}

interface MarkdownBlockProps extends Piece {
  rest: readonly Piece[];
}

/** A block is lexed again only when its text or its citations have changed. */
const MarkdownBlock = memo(
  function MarkdownBlock({ block, placed, rest }: MarkdownBlockProps) {
    const { tokens, elsewhere } = citeBlock(block, placed);
    return (
      <>
        <Blocks tokens={tokens} version={placed} rest={rest} continues={block.continues} />
        <Elsewhere placed={elsewhere} />
      </>
    );
  },
  (before, after) => isSamePiece(before, after) && areSamePieces(before.rest, after.rest),
);
