import { memo, useMemo } from "react";
import remend from "remend";
import type { Citation } from "@/api/client";
import { CitationChip } from "./CitationChip";
import { type CitedBlock, type CitedBlocks, citeBlocks } from "./citedBlocks";
import { splitBlocks } from "./markdownBlocks";
import { lexMarkdown } from "./markdownLexer";
import type { Placed } from "./placeChips";
import { Blocks } from "./Tokens";

/** Open markdown in a longer block is not closed, because the time to find it grows with the
 * lines.
 */
const MAX_OPEN_LENGTH = 5000;

const NO_CITATIONS: readonly Citation[] = [];
const NOTHING_CITED: CitedBlocks = { blocks: new Map(), elsewhere: [] };
const NO_CHIPS: readonly Placed[] = [];

interface MarkdownProps {
  text: string;
  citations?: readonly Citation[] | undefined;
  /** While the answer is being written, open markdown at its end is closed (`**bold` →
   * `**bold**`).
   */
  growing?: boolean;
}

const Markdown = memo(function Markdown({
  text,
  citations = NO_CITATIONS,
  growing = false,
}: MarkdownProps) {
  const blocks = splitBlocks(text);
  const cited = useMemo(
    () => (citations.length ? citeBlocks(text, splitBlocks(text), citations) : NOTHING_CITED),
    [text, citations],
  );
  return (
    <div className={growing ? "prose growing" : "prose"}>
      {blocks.map((block, at) => {
        const isLast = at === blocks.length - 1;
        return (
          <MarkdownBlock
            key={block.start}
            text={growing && isLast ? closeOpenMarkdown(block.text) : block.text}
            cited={cited.blocks.get(at)}
          />
        );
      })}
      {/* Those without a place in the shown text, so that no verdict is lost. */}
      {cited.elsewhere.map((citation) => (
        <p key={citation.start}>
          “{citation.text}”
          <CitationChip citation={citation} />
        </p>
      ))}
    </div>
  );
});

export default Markdown;

export function closeOpenMarkdown(text: string): string {
  return text.length > MAX_OPEN_LENGTH ? text : remend(text);
}

/** A block is lexed again only when its text or its citations have changed. */
const MarkdownBlock = memo(
  function MarkdownBlock({ text, cited }: { text: string; cited: CitedBlock | undefined }) {
    const tokens = cited?.tokens ?? lexMarkdown(text);
    return <Blocks tokens={tokens} version={cited?.placed ?? NO_CHIPS} />;
  },
  (before, after) =>
    before.text === after.text && isSame(before.cited?.placed, after.cited?.placed),
);

function isSame(before = NO_CHIPS, after = NO_CHIPS): boolean {
  return (
    before.length === after.length &&
    before.every(({ citation }, at) => citation === after[at]?.citation)
  );
}
