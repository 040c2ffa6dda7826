/** Renders markdown tokens as elements. Text stays text: nothing here is an HTML sink. */
import { Square, SquareCheck } from "lucide-react";
import type { Token, Tokens } from "marked";
import { createElement, memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Citation } from "@/api/client";
import { CitationChip, wordOf } from "./CitationChip";
import { CodeBlock } from "./CodeBlock";
import { citeBlock } from "./citedBlocks";
import type { Block as MarkdownBlock } from "./markdownBlocks";
import { decodeEntities, safeAddress } from "./markdownLexer";
import type { Chip, Placed } from "./placeChips";

/** A block of an answer, with the citations that end in it. */
export interface Piece {
  block: MarkdownBlock;
  placed: readonly Placed[];
}

export function isSamePiece(before: Piece, after: Piece): boolean {
  return (
    before.block.text === after.block.text &&
    before.placed.length === after.placed.length &&
    before.placed.every(({ citation }, at) => citation === after.placed[at]?.citation)
  );
}

export function areSamePieces(before: readonly Piece[], after: readonly Piece[]): boolean {
  return (
    before.length === after.length &&
    before.every((piece, at) => isSamePiece(piece, after[at] as Piece))
  );
}

interface Versioned {
  /** Changes when other chips were inserted into tokens of the same source. */
  version: readonly Placed[];
}

interface BlocksProps extends Versioned {
  tokens: Token[];
  /** The pieces in which a table at the end goes on. */
  rest?: readonly Piece[];
  /** Whether the first token goes on with what is above it, without a space between. */
  continues?: boolean;
}

const NONE: readonly Piece[] = [];

/** Blocks never change their order, so their indexes are their keys. */
export function Blocks({ tokens, version, rest = NONE, continues = false }: BlocksProps) {
  const last = tokens.findLastIndex(({ type }) => type !== "space");
  return tokens.map((token, at) => (
    <Block
      // biome-ignore lint/suspicious/noArrayIndexKey: a block keeps its index
      key={at}
      token={token}
      version={version}
      rest={at === last ? rest : NONE}
      continues={continues && at === 0}
    />
  ));
}

interface BlockProps extends Versioned {
  token: Token;
  rest: readonly Piece[];
  continues: boolean;
}

/** While a block grows, all of it is lexed again; tokens with the same source are not rendered
 * again.
 */
const Block = memo(
  function Block({ token, version, rest, continues }: BlockProps): ReactNode {
    const className = continues ? "goes-on" : undefined;
    switch (token.type) {
      case "space":
      case "def":
        return null;
      case "hr":
        return <hr />;
      case "heading":
        return createElement(headingOf(token as Tokens.Heading), {}, inline(token.tokens));
      case "code":
        return <CodeBlock language={(token as Tokens.Code).lang} code={token.text} />;
      case "blockquote":
        return (
          <blockquote className={className}>
            <Blocks tokens={token.tokens ?? []} version={version} />
          </blockquote>
        );
      case "list":
        return <List list={token as Tokens.List} version={version} />;
      case "table":
        return <Table table={token as Tokens.Table} version={version} rest={rest} />;
      case "paragraph":
        return <p className={className}>{inline(token.tokens)}</p>;
      case "text":
        return inline(token.tokens ?? [token]);
      default:
        return inline([token]);
    }
  },
  (before, after) =>
    before.version === after.version &&
    before.token.type === after.token.type &&
    before.token.raw === after.token.raw &&
    areSamePieces(before.rest, after.rest),
);

/** One level down: the page's own title is its only h1. */
const headingOf = ({ depth }: Tokens.Heading) => `h${Math.min(6, depth + 1)}`;

function List({ list, version }: { list: Tokens.List } & Versioned) {
  const items = list.items.map((item, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: an item keeps its index
    <Item key={at} item={item} loose={list.loose} version={version} />
  ));
  if (!list.ordered) return <ul>{items}</ul>;
  return <ol {...(list.start === 1 ? {} : { start: Number(list.start) })}>{items}</ol>;
}

const Item = memo(
  function Item({ item, version }: { item: Tokens.ListItem; loose: boolean } & Versioned) {
    return (
      <li>
        <Blocks tokens={item.tokens} version={version} />
      </li>
    );
  },
  (before, after) =>
    before.version === after.version &&
    before.loose === after.loose &&
    before.item.raw === after.item.raw,
);

interface TableProps extends Versioned {
  table: Tokens.Table;
  rest: readonly Piece[];
}

function Table({ table, version, rest }: TableProps) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: lets keyboard users scroll it
    <section className="scroller" aria-label={t("chat.table")} tabIndex={0}>
      <table>
        <thead>
          <Row cells={table.header} version={version} />
        </thead>
        <Rows rows={table.rows} version={version} />
        {rest.map((piece) => (
          <FurtherRows key={piece.block.start} {...piece} />
        ))}
      </table>
    </section>
  );
}

function Rows({ rows, version }: { rows: Tokens.TableCell[][] } & Versioned) {
  return (
    <tbody>
      {rows.map((cells, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row keeps its index
        <Row key={at} cells={cells} version={version} />
      ))}
    </tbody>
  );
}

/** The rows of a block that goes on with a table. */
const FurtherRows = memo(function FurtherRows({ block, placed }: Piece) {
  const { tokens, elsewhere } = citeBlock(block, placed);
  const [table] = tokens as [Tokens.Table];
  return (
    <>
      <Rows rows={table.rows} version={placed} />
      {elsewhere.length > 0 && (
        <tbody>
          <tr>
            <td colSpan={table.header.length}>
              <Elsewhere placed={elsewhere} />
            </td>
          </tr>
        </tbody>
      )}
    </>
  );
}, isSamePiece);

/** Citations without a place in the shown text, so that no verdict is lost. */
export function Elsewhere({ placed }: { placed: readonly Placed[] }) {
  return placed.map(({ citation }) => (
    <p key={citation.start}>
      “{citation.text}”
      <CitationChip citation={citation} />
    </p>
  ));
}

const ALIGNED = { left: "text-start", center: "text-center", right: "text-end" } as const;

const Row = memo(
  function Row({ cells }: { cells: Tokens.TableCell[] } & Versioned) {
    return (
      <tr>
        {cells.map(({ header, align, tokens }, at) => {
          const Cell = header ? "th" : "td";
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell keeps its index
            <Cell key={at} className={align ? ALIGNED[align] : undefined}>
              {inline(tokens)}
            </Cell>
          );
        })}
      </tr>
    );
  },
  (before, after) =>
    before.version === after.version &&
    before.cells.length === after.cells.length &&
    before.cells.every(({ text }, at) => text === after.cells[at]?.text),
);

const LINE_BREAK = /^<br\s*\/?>$/i;

function inline(tokens: readonly (Token | Chip)[] = []): ReactNode[] {
  return tokens.map((token, at) => {
    const key = at;
    switch (token.type) {
      case "chip":
        return (
          <LineEnd key={key} word={lastWord(tokens[at - 1], token)} citation={token.citation} />
        );
      case "strong":
        return <strong key={key}>{inline(token.tokens)}</strong>;
      case "em":
        return <em key={key}>{inline(token.tokens)}</em>;
      case "del":
        return <del key={key}>{inline(token.tokens)}</del>;
      case "codespan":
        return <code key={key}>{token.text}</code>;
      case "br":
        return <br key={key} />;
      case "checkbox":
        return <Checkbox key={key} checked={token.checked === true} />;
      case "link":
        return (
          <Anchor key={key} href={token.href}>
            {inline(token.tokens)}
          </Anchor>
        );
      case "image":
        // An image would send a request to another server and reveal who reads what, so it is a
        // link.
        return (
          <Anchor key={key} href={token.href}>
            {decodeEntities(token.text) || token.href}
          </Anchor>
        );
      case "html":
        return LINE_BREAK.test(token.raw.trim()) ? <br key={key} /> : token.raw;
      case "text":
        if (token.tokens) return <span key={key}>{inline(token.tokens)}</span>;
        return withoutLastWord(token as Tokens.Text, tokens[at + 1]);
      default:
        return "text" in token ? decodeEntities(token.text) : token.raw;
    }
  });
}

/** The last word before a chip, which stays on its line. */
function lastWord(before: Token | Chip | undefined, chip: Token | Chip | undefined): string {
  if (before?.type !== "text" || before.tokens || chip?.type !== "chip") return "";
  const text = shownText(before as Tokens.Text);
  const word = /\S*$/.exec(text.slice(-LONGEST_WORD - 1))?.[0] ?? "";
  return word.length > LONGEST_WORD ? "" : word;
}

function withoutLastWord(token: Tokens.Text, next: Token | Chip | undefined): string {
  const text = shownText(token);
  return text.slice(0, text.length - lastWord(token, next).length);
}

function shownText({ escaped, text }: Tokens.Text): string {
  return escaped ? text : decodeEntities(text);
}

const LONGEST_WORD = 24;

/** A chip with the word before it, on one line wherever both together fit on the screen. */
function LineEnd({ word, citation }: { word: string; citation: Citation }) {
  const { t } = useTranslation();
  const label = wordOf(citation, t);
  const width = (16 * halfWidths(word)) / 2 + (13 * halfWidths(label)) / 2 + CHIP_WITHOUT_TEXT;
  const kept = WIDTHS.find(([fits]) => width <= fits)?.[1];
  return (
    <span className={kept}>
      {word}
      <CitationChip citation={citation} />
    </span>
  );
}

/** In pixels: icon, gaps and margins. */
const CHIP_WITHOUT_TEXT = 38;
/** Up to which width it is kept together on which screens: on any, also within a list; on a phone;
 * on a wider one.
 */
const WIDTHS = [
  [230, "whitespace-nowrap"],
  [320, "min-[390px]:whitespace-nowrap"],
  [520, "min-[640px]:whitespace-nowrap"],
] as const;

/** The width of a text, in halves of its size, rather too large. Hangul and the like are as wide as
 * high.
 */
function halfWidths(text: string): number {
  return [...text].reduce((sum, one) => sum + (one > "\u2e7f" ? 2 : 1), 0);
}

function Checkbox({ checked }: { checked: boolean }) {
  const { t } = useTranslation();
  const Icon = checked ? SquareCheck : Square;
  const label = t(checked ? "chat.checked" : "chat.unchecked");
  return <Icon role="img" aria-label={label} size={16} className="me-2 inline align-[-2px]" />;
}

function Anchor({ href, children }: { href: string; children: ReactNode }) {
  const address = safeAddress(href);
  if (!address) return <span>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
