/** Where the text of markdown tokens stands in their source. `marked` keeps only the source of each
 * token, without the marks of the blocks around it, so that places are found from the outside in.
 */
import type { Token, Tokens } from "marked";

/** For each character of a text its place in the source, -1 where that is not known. */
type Places = Int32Array;

/** A list of sibling tokens, and the token whose children they are, if that is inline. */
export interface Siblings {
  tokens: Token[];
  parent: { siblings: Siblings; index: number } | null;
}

/** A token with text and without children. */
export interface Leaf {
  siblings: Siblings;
  index: number;
  /** Where each character of its `raw` stands. */
  places: Places;
  /** Where its first known character stands, -1 if none is known. */
  first: number;
}

/** The leaves of a text that begins at `start` of the source, in their order. */
export function leavesOf(tokens: Token[], text: string, start: number): Leaf[] {
  const leaves: Leaf[] = [];
  const places = new Int32Array(text.length);
  for (let at = 0; at < text.length; at++) places[at] = start + at;
  walkBlocks(tokens, text, places, leaves);
  return leaves;
}

function walkBlocks(tokens: Token[], source: string, around: Places, leaves: Leaf[]): void {
  const text = joined(tokens);
  const places = align(text, source, around);
  const siblings = { tokens, parent: null };
  let from = 0;
  for (const [index, token] of tokens.entries()) {
    const raw = sourceOf(token);
    walkBlock(siblings, index, raw, places.subarray(from, from + raw.length), leaves);
    from += raw.length + (isApart(token, tokens[index + 1]) ? 1 : 0);
  }
}

function walkBlock(
  siblings: Siblings,
  index: number,
  raw: string,
  places: Places,
  leaves: Leaf[],
): void {
  const token = siblings.tokens[index] as Token;
  if (token.type === "space" || token.type === "hr" || token.type === "def") return;
  if (token.type === "blockquote") walkBlocks(token.tokens ?? [], raw, places, leaves);
  else if (token.type === "list") walkItems(token as Tokens.List, places, leaves);
  else if (token.type === "table") walkTable(token as Tokens.Table, places, leaves);
  else if ("tokens" in token && token.tokens) {
    const text = token.text.slice(token.raw.length - raw.length);
    const inner = { tokens: token.tokens, parent: null };
    walkInline(inner, contentOf(token, text, raw, places), leaves);
  } else addLeaf(siblings, index, places, leaves);
}

function walkItems({ items }: Tokens.List, places: Places, leaves: Leaf[]): void {
  let from = 0;
  for (const { raw, tokens } of items) {
    walkBlocks(tokens, raw, places.subarray(from, from + raw.length), leaves);
    from += raw.length;
  }
}

function walkTable({ raw, header, rows }: Tokens.Table, places: Places, leaves: Leaf[]): void {
  let from = 0;
  for (const [number, line] of raw.split("\n").entries()) {
    const cells = number === 0 ? header : number === 1 ? [] : (rows[number - 2] ?? []);
    const found = cells.length ? splitCells(line) : [];
    for (const [column, { tokens }] of cells.entries()) {
      const inner = found[column]?.map((at) => places[from + at] ?? -1) ?? [];
      walkInline({ tokens, parent: null }, Int32Array.from(inner), leaves);
    }
    from += line.length + 1;
  }
}

/** Where the characters of each cell stand in a row, which is divided as the lexer does it. */
function splitCells(row: string): number[][] {
  const cells: number[][] = [[]];
  let isEscaped = false;
  for (let at = 0; at < row.length; at++) {
    if (row[at] === "|" && !isEscaped) cells.push([]);
    else {
      if (row[at] === "|") cells.at(-1)?.pop(); // the backslash
      cells.at(-1)?.push(at);
    }
    isEscaped = row[at] === "\\" && !isEscaped;
  }
  const isSpace = (at: number | undefined) => at !== undefined && !row[at]?.trim();
  for (const cell of cells) {
    while (isSpace(cell.at(-1))) cell.pop();
    cell.splice(
      0,
      Math.max(
        0,
        cell.findIndex((at) => !isSpace(at)),
      ),
    );
  }
  if (!cells[0]?.length) cells.shift();
  return cells;
}

const HEADING = /^ {0,3}#{1,6}(?=\s)/;

/** Where the inline source of a block stands. */
function contentOf(token: Token, text: string, raw: string, places: Places): Places {
  const inline = (token as Tokens.Paragraph).tokens.map(rawOf).join("");
  if (inline !== text) return unknown(inline);
  const hashes = token.type === "heading" ? HEADING.exec(raw)?.[0].length : undefined;
  if (hashes === undefined) return align(text, raw, places);
  const from = raw.indexOf(text, hashes);
  return from < 0 ? unknown(text) : places.subarray(from, from + text.length);
}

function walkInline(siblings: Siblings, places: Places, leaves: Leaf[]): void {
  let from = 0;
  for (const [index, token] of siblings.tokens.entries()) {
    const raw = rawOf(token);
    const here = places.subarray(from, from + raw.length);
    from += raw.length;
    if ("tokens" in token && token.tokens && token.type !== "image") {
      const inner = { tokens: token.tokens, parent: { siblings, index } };
      walkInline(inner, insideOf(token as Tokens.Link, here), leaves);
    } else addLeaf(siblings, index, here, leaves);
  }
}

/** Where the text between the marks of an inline token stands. */
function insideOf({ type, raw, text }: Tokens.Link, places: Places): Places {
  if (type !== "link") {
    const mark = (raw.length - text.length) / 2;
    return places.subarray(mark, mark + text.length);
  }
  const inside = new Int32Array(text.length);
  let at = raw[0] === "[" || raw[0] === "<" ? 1 : 0;
  for (let to = 0; to < text.length; to++, at++) {
    if (raw[at] !== text[to]) at++; // the backslash of an escaped bracket
    inside[to] = raw[at] === text[to] ? (places[at] ?? -1) : -1;
  }
  return inside;
}

function addLeaf(siblings: Siblings, index: number, places: Places, leaves: Leaf[]): void {
  const raw = rawOf(siblings.tokens[index] as Token);
  if (!raw.trim()) return;
  leaves.push({ siblings, index, places, first: places.find((place) => place >= 0) ?? -1 });
}

/** The source of a token. The lexer makes up that of a checkbox. */
function rawOf(token: Token): string {
  return token.type === "checkbox" ? "" : token.raw;
}

/** The source of a block without a checkbox at its begin. */
function sourceOf(token: Token): string {
  const first = "tokens" in token ? token.tokens?.[0] : undefined;
  return first?.type === "checkbox" ? token.raw.slice(first.raw.length) : rawOf(token);
}

function joined(tokens: Token[]): string {
  return tokens
    .map((token, at) => sourceOf(token) + (isApart(token, tokens[at + 1]) ? "\n" : ""))
    .join("");
}

/** Whether a line end between two blocks is in neither: so it is where a line without `>` goes on
 * with a quotation.
 */
function isApart(token: Token, next: Token | undefined): boolean {
  return (
    !!next && token.type !== "checkbox" && !/\n$/.test(token.raw) && !/^[ \t]*\n/.test(next.raw)
  );
}

function unknown(text: string): Places {
  return new Int32Array(text.length).fill(-1);
}

/** Where a text stands of which each line is the end of a line of `raw`, but for spaces around it:
 * the lexer has removed `>`, bullets and indents at the begin.
 */
function align(text: string, raw: string, places: Places): Places {
  if (text === raw) return places;
  const found = unknown(text);
  const lines = raw.split("\n");
  let to = 0;
  let from = 0;
  for (const [number, line] of text.split("\n").entries()) {
    const whole = lines[number];
    if (whole === undefined) break;
    const words = line.trim();
    const begin = whole.trimEnd().length - words.length;
    if (begin >= 0 && whole.startsWith(words, begin)) {
      const indent = line.length - line.trimStart().length;
      found.set(places.subarray(from + begin, from + begin + words.length), to + indent);
    }
    to += line.length + 1;
    from += whole.length + 1;
  }
  return found;
}
