import { type ComponentProps, memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import ReactMarkdown, { type Components } from "react-markdown";
import remend from "remend";
import type { Citation } from "@/api/client";
import { blocksOf, unitsOf } from "./blocks";
import { CitationChip } from "./CitationChip";
import { CodeBlock } from "./CodeBlock";
import { chips, type Placed } from "./chips";
import { readGfm } from "./gfm";

const NONE: readonly Citation[] = [];
const REMARK = [readGfm];

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

const NOTHING: readonly Placed[] = [];

/** A part is parsed once: its text does not change again after the next one has begun. */
const Part = memo(
  function Part({ text, placed }: { text: string; placed: readonly Placed[] }) {
    const components = {
      ...COMPONENTS,
      "cite-chip": ({ index }: { index?: number | string }) => {
        const found = placed.find((one) => one.index === Number(index));
        return found ? <CitationChip citation={found.citation} /> : null;
      },
    } as Components;
    return (
      <ReactMarkdown
        remarkPlugins={REMARK}
        rehypePlugins={placed.length ? [[chips, placed]] : []}
        components={components}
      >
        {text}
      </ReactMarkdown>
    );
  },
  (before, after) =>
    before.text === after.text &&
    before.placed.length === after.placed.length &&
    before.placed.every(({ citation }, at) => citation === after.placed[at]?.citation),
);

const COMPONENTS: Components = {
  a: ({ node: _, ...props }) => <a {...props} target="_blank" rel="noopener noreferrer" />,
  // An image would be a request to somebody else's server, and tell it who reads what.
  img: ({ src, alt }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noopener noreferrer">
      {alt || src}
    </a>
  ),
  pre: ({ node: _, ...props }) => <CodeBlock {...props} />,
  table: ({ node: _, ...props }) => <Table {...props} />,
};

function Table(props: ComponentProps<"table">) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by its focus
    <section className="scroller" aria-label={t("chat.answer")} tabIndex={0}>
      <table {...props} />
    </section>
  );
}
