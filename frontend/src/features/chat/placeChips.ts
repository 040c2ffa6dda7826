/** Inserts a chip for each citation into the tokens of an answer, after the quoted words. */
import type { Token, Tokens } from "marked";
import type { Citation } from "@/api/client";
import { decodeEntities, textToken } from "./markdownLexer";

export interface Placed {
  citation: Citation;
  index: number;
}

export interface Chip extends Placed {
  type: "chip";
  raw: "";
}

/** What follows the quoted words without a space: closing marks, a full stop, a Korean particle. */
const REST_OF_WORD = /^\S{1,8}(?=\s|$)/;
const CLOSING = /^[”"’'」』》〉)\]]+/;

/** Changes the tokens in place. A citation that is in no single text token gets its chip at the
 * end.
 */
export function placeChips(tokens: Token[], placed: readonly Placed[]): void {
  for (const one of placed) {
    if (!insert(tokens, one)) lastParagraph(tokens).push(chip(one));
  }
}

function insert(tokens: Token[], one: Placed): boolean {
  for (const [at, token] of tokens.entries()) {
    const inside = childLists(token);
    const holder = inside.find((children) => insert(children, one));
    if (holder) {
      if (EMPHASIS.has(token.type)) lift(holder, tokens, at);
      return true;
    }
    const end = inside.length || token.type !== "text" ? null : endOf(token.text, one);
    if (end === null) continue;
    const text = decodeEntities((token as Tokens.Text).text);
    tokens.splice(at, 1, textToken(text.slice(0, end)), chip(one), textToken(text.slice(end)));
    return true;
  }
  return false;
}

const EMPHASIS = new Set(["strong", "em", "del", "link"]);

/** Moves a chip at the end of emphasised text out of it, and behind the rest of the word. */
function lift(from: (Token | Chip)[], to: (Token | Chip)[], at: number): void {
  const [mark, rest] = from.slice(-2);
  if (mark?.type !== "chip" || !rest || rest.raw !== "") return;
  from.splice(-2);
  const next = to[at + 1];
  const text = next?.type === "text" && !next.tokens ? decodeEntities(next.text) : "";
  const end = REST_OF_WORD.exec(text)?.[0].length ?? 0;
  if (end === 0) to.splice(at + 1, 0, mark);
  else to.splice(at + 1, 1, textToken(text.slice(0, end)), mark, textToken(text.slice(end)));
}

/** The lists of child tokens. */
function childLists(token: Token): Token[][] {
  if (token.type === "list") return (token as Tokens.List).items.map(({ tokens }) => tokens);
  if (token.type === "table") {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows].flat().map(({ tokens }) => tokens);
  }
  return "tokens" in token && token.tokens ? [token.tokens] : [];
}

function endOf(raw: string, { citation }: Placed): number | null {
  const text = decodeEntities(raw);
  const at = text.indexOf(citation.text);
  if (at < 0) return null;
  const end = at + citation.text.length;
  const rest = text.slice(end);
  return end + ((REST_OF_WORD.exec(rest) ?? CLOSING.exec(rest))?.[0].length ?? 0);
}

function chip(placed: Placed): Chip {
  return { type: "chip", raw: "", ...placed };
}

/** The tokens of the last paragraph, also within a quotation or a list; else the block's own. */
function lastParagraph(tokens: Token[]): Token[] {
  const last = tokens.findLast(({ type }) => type !== "space");
  if (last?.type === "paragraph" || (last?.type === "text" && last.tokens)) {
    return last.tokens ?? tokens;
  }
  if (last?.type === "blockquote") return lastParagraph(last.tokens ?? tokens);
  if (last?.type === "list")
    return lastParagraph((last as Tokens.List).items.at(-1)?.tokens ?? tokens);
  return tokens;
}
