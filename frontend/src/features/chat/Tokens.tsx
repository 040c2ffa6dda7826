/** Renders markdown tokens as elements. Text stays text: nothing here is an HTML sink. */
import { Square, SquareCheck } from "lucide-react";
import type { Token, Tokens } from "marked";
import { createElement, memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CitationChip } from "./CitationChip";
import { CodeBlock } from "./CodeBlock";
import { decodeEntities, safeAddress } from "./markdownLexer";
import type { Chip, Placed } from "./placeChips";

interface Versioned {
  /** Changes when other chips were inserted into tokens of the same source. */
  version: readonly Placed[];
}

/** Blocks never change their order, so their indexes are their keys. */
export function Blocks({ tokens, version }: { tokens: Token[] } & Versioned) {
  return tokens.map((token, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a block keeps its index
    <Block key={at} token={token} version={version} />
  ));
}

/** While a block grows, all of it is lexed again; tokens with the same source are not rendered
 * again.
 */
const Block = memo(
  function Block({ token, version }: { token: Token } & Versioned): ReactNode {
    switch (token.type) {
      case "space":
      case "def":
        return null;
      case "hr":
        return <hr />;
      case "heading":
        return createElement(`h${(token as Tokens.Heading).depth}`, {}, inline(token.tokens));
      case "code":
        return <CodeBlock language={(token as Tokens.Code).lang} code={token.text} />;
      case "blockquote":
        return (
          <blockquote>
            <Blocks tokens={token.tokens ?? []} version={version} />
          </blockquote>
        );
      case "list":
        return <List list={token as Tokens.List} version={version} />;
      case "table":
        return <Table table={token as Tokens.Table} version={version} />;
      case "paragraph":
        return <p>{inline(token.tokens)}</p>;
      case "text":
        return inline(token.tokens ?? [token]);
      default:
        return inline([token]);
    }
  },
  (before, after) =>
    before.version === after.version &&
    before.token.type === after.token.type &&
    before.token.raw === after.token.raw,
);

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

function Table({ table, version }: { table: Tokens.Table } & Versioned) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: lets keyboard users scroll it
    <section className="scroller" aria-label={t("chat.table")} tabIndex={0}>
      <table>
        <thead>
          <Row cells={table.header} version={version} />
        </thead>
        <tbody>
          {table.rows.map((cells, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row keeps its index
            <Row key={at} cells={cells} version={version} />
          ))}
        </tbody>
      </table>
    </section>
  );
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
        return <CitationChip key={key} citation={token.citation} />;
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
        return token.escaped ? token.text : decodeEntities(token.text);
      default:
        return "text" in token ? decodeEntities(token.text) : token.raw;
    }
  });
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
