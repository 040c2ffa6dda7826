import { memo, useMemo } from "react";
import remend from "remend";
import type { Citation } from "@/api/client";
import { splitBlocks, utf16Offset } from "./markdownBlocks";
import { lexMarkdown } from "./markdownLexer";
import { type Placed, placeChips } from "./placeChips";
import { Blocks } from "./Tokens";

/** Open markdown in a longer block is not closed, because the time to find it grows with the
 * lines.
 */
const MAX_OPEN_LENGTH = 5000;

const NO_CITATIONS: readonly Citation[] = [];
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
  const starts = useMemo(
    () => citations.map((citation) => utf16Offset(text, citation.start)),
    [text, citations],
  );
  return (
    <div className={growing ? "prose growing" : "prose"}>
      {blocks.map((block, at) => {
        const end = block.start + block.text.length;
        const inside = citations
          .map((citation, index) => ({ citation, index }))
          .filter(({ index }) => {
            const start = starts[index] ?? 0;
            return start >= block.start && start < end;
          });
        const isLast = at === blocks.length - 1;
        return (
          <MarkdownBlock
            key={block.start}
            text={growing && isLast ? closeOpenMarkdown(block.text) : block.text}
            placed={inside.length ? inside : NO_CHIPS}
          />
        );
      })}
    </div>
  );
});

export default Markdown;

export function closeOpenMarkdown(text: string): string {
  return text.length > MAX_OPEN_LENGTH ? text : remend(text);
}

/** A block is lexed again only when its text or its citations have changed. */
const MarkdownBlock = memo(
  function MarkdownBlock({ text, placed }: { text: string; placed: readonly Placed[] }) {
    const tokens = lexMarkdown(text);
    placeChips(tokens, placed);
    return <Blocks tokens={tokens} version={placed} />;
  },
  (before, after) =>
    before.text === after.text &&
    before.placed.length === after.placed.length &&
    before.placed.every(({ citation }, at) => citation === after.placed[at]?.citation),
);
