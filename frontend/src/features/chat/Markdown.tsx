import { memo, useMemo } from "react";
import remend from "remend";
import type { Citation } from "@/api/client";
import { blocksOf, unitsOf } from "./blocks";
import { type Placed, placeChips } from "./chips";
import { tokensOf } from "./reading";
import { Blocks } from "./Tokens";

const NONE: readonly Citation[] = [];
const NOTHING: readonly Placed[] = [];

interface MarkdownProps {
  text: string;
  citations?: readonly Citation[] | undefined;
  /** Half-typed markdown at the end is closed while it is being written. */
  growing?: boolean;
}

const Markdown = memo(function Markdown({
  text,
  citations = NONE,
  growing = false,
}: MarkdownProps) {
  const blocks = blocksOf(text);
  const starts = useMemo(
    () => citations.map((citation) => unitsOf(text, citation.start)),
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
          <Part
            key={block.start}
            text={growing && isLast ? remend(block.text) : block.text}
            placed={inside.length ? inside : NOTHING}
          />
        );
      })}
    </div>
  );
});

export default Markdown;

/** A part is read once: its text does not change again after the next one has begun. */
const Part = memo(
  function Part({ text, placed }: { text: string; placed: readonly Placed[] }) {
    const tokens = tokensOf(text);
    placeChips(tokens, placed);
    return <Blocks tokens={tokens} version={placed} />;
  },
  (before, after) =>
    before.text === after.text &&
    before.placed.length === after.placed.length &&
    before.placed.every(({ citation }, at) => citation === after.placed[at]?.citation),
);
