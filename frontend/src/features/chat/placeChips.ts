/** Inserts a chip for each citation into the tokens of an answer, after the quoted words. */
import type { Token, Tokens } from "marked";
import type { Citation } from "@/api/client";
import { decodeEntities, textToken } from "./markdownLexer";
import { type Leaf, leavesOf, type Siblings } from "./sourceMap";

export interface Placed {
  citation: Citation;
  /** The range of the quoted words in the source, in UTF-16 units. */
  start: number;
  end: number;
}

export interface Chip {
  type: "chip";
  raw: "";
  citation: Citation;
}

/** A place after `offset` characters of a token's source. */
interface Place {
  siblings: Siblings;
  index: number;
  offset: number;
}

/** What follows the quoted words without a space: closing marks, a full stop, a Korean particle.
 * It never reaches into another quotation.
 */
const CLOSING = /^[”"’'」』》〉›»＂〞〟)\]]{1,8}/;
const REST_OF_WORD =
  /^[”"’'」』》〉›»＂〞〟)\]]{0,8}[^\s"'“”„‟‘’«»‹›「」『』《》〈〉＂〝〞〟]{0,8}(?=\s|$)/;

/** Changes the tokens of a text that begins at `start` of the source. Returns the citations whose
 * place is not known; they get no chip.
 */
export function placeChips(
  tokens: Token[],
  text: string,
  start: number,
  placed: readonly Placed[],
): Placed[] {
  const leaves = leavesOf(tokens, text, start);
  const cuts = new Map<Token[], [Place, Chip][]>();
  const missing: Placed[] = [];
  for (const one of inOrderOfEnds(placed)) {
    const place = placeOf(one, leaves);
    if (!place) {
      missing.push(one);
      continue;
    }
    const list = place.siblings.tokens;
    const chip: Chip = { type: "chip", raw: "", citation: one.citation };
    cuts.set(list, [...(cuts.get(list) ?? []), [place, chip]]);
  }
  for (const [list, chips] of cuts) insert(list, chips);
  return missing;
}

/** Of quotations that end together, the inner one comes first. */
export function inOrderOfEnds(placed: readonly Placed[]): Placed[] {
  return [...placed].sort((a, b) => a.end - b.end || b.start - a.start);
}

/** Behind the last shown character of the quoted words; `undefined` if it is not known or in code.
 */
function placeOf({ start, end }: Placed, leaves: Leaf[]): Place | undefined {
  const at = leaves.findLastIndex(({ first }) => first >= 0 && first < end);
  const leaf = leaves[at];
  if (!leaf || leaves[at + 1]?.first === -1) return undefined;
  const token = leaf.siblings.tokens[leaf.index];
  const last = leaf.places.findLastIndex((place, offset) => {
    return place >= 0 && place < end && token?.raw[offset]?.trim() !== "";
  });
  if (token?.type === "code" || (leaf.places[last] ?? -1) < start) return undefined;
  return afterWord({ siblings: leaf.siblings, index: leaf.index, offset: last + 1 });
}

/** Moves a place behind the rest of its word, and out of emphasis that ends there. A link is left
 * in any case, because a button cannot be inside of it.
 */
function afterWord({ siblings, index, offset }: Place): Place {
  const raw = siblings.tokens[index]?.raw ?? "";
  const text = textOf(siblings.tokens[index]);
  const end = text === undefined ? raw.length : offset + restLength(text, offset);
  const next = end === raw.length ? textOf(siblings.tokens[index + 1]) : undefined;
  const more = next === undefined ? 0 : restLength(next, 0);
  if (more > 0) return { siblings, index: index + 1, offset: more };
  const { parent } = siblings;
  if (!parent) return { siblings, index, offset: end };
  const isLast = end === raw.length && index === siblings.tokens.length - 1;
  const isLink = parent.siblings.tokens[parent.index]?.type === "link";
  if (!isLast && !isLink && !isInLink(parent.siblings)) return { siblings, index, offset: end };
  const outside = parent.siblings.tokens[parent.index]?.raw.length ?? 0;
  return afterWord({ ...parent, offset: outside });
}

function isInLink({ parent }: Siblings): boolean {
  if (!parent) return false;
  return parent.siblings.tokens[parent.index]?.type === "link" || isInLink(parent.siblings);
}

/** The source of a token that is nothing but text. */
function textOf(token: Token | undefined): string | undefined {
  return token?.type === "text" && !token.tokens ? token.raw : undefined;
}

function restLength(text: string, from: number): number {
  const rest = text.slice(from, from + 20);
  return (REST_OF_WORD.exec(rest) ?? CLOSING.exec(rest))?.[0].length ?? 0;
}

/** Divides the texts at the places, which are in order, and puts the chips between. */
function insert(list: Token[], chips: [Place, Chip][]): void {
  const before = list.splice(0);
  for (const [index, token] of before.entries()) {
    const here = chips.filter(([place]) => place.index === index);
    here.sort(([a], [b]) => a.offset - b.offset);
    list.push(...(here.length ? divided(token, here) : [token]));
  }
}

function divided(token: Token, chips: [Place, Chip][]): (Token | Chip)[] {
  if (textOf(token) === undefined) return [token, ...chips.map(([, chip]) => chip)];
  const { raw, escaped } = token as Tokens.Text;
  const pieces: (Token | Chip)[] = [];
  let from = 0;
  for (const [{ offset }, chip] of chips) {
    pieces.push(piece(raw.slice(from, offset), escaped), chip);
    from = offset;
  }
  return [...pieces, piece(raw.slice(from), escaped)];
}

function piece(raw: string, isEscaped: boolean | undefined): Token {
  return textToken(isEscaped ? raw : decodeEntities(raw));
}
