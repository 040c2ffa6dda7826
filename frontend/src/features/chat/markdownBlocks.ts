/** Splits markdown into blocks that are rendered one by one: while an answer grows, only its last
 * block changes and is lexed again. No block is so long that rendering it takes long.
 */
export interface Block {
  /** The offset of the block in the text, in UTF-16 units. */
  start: number;
  text: string;
  /** What is lexed before the text: the header of a table that continues in this block, or the mark
   * of a quotation.
   */
  head: string;
  /** Whether it goes on with the paragraph, quotation or table of the block before. */
  continues: boolean;
}

/** A return alone ends a line for the lexer, as it does for the server: here it becomes a line feed,
 * so that all count the same lines. No character moves.
 */
export function withLineFeeds(markdown: string): string {
  return markdown.replaceAll(/\r(?!\n)/g, "\n");
}

/** A longer list continues in another block: lexing all of it for each word would be slow. */
const MAX_LIST_LENGTH = 1500;
/** A longer paragraph, quotation or table continues in another block, at the end of a line, or of a
 * sentence.
 */
const MAX_LENGTH = 2000;
/** A line without an end of a sentence is divided after so many characters. */
const MAX_SENTENCE_LENGTH = 4000;

const ITEM = /^([-*+]|\d{1,9}[.)])\s/;
const INDENTED_ITEM = /^ {0,3}([-*+]|\d{1,9}[.)])\s/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const DELIMITERS = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:|-]*)?\s*$/;
const QUOTE = /^ {0,3}>/;
/** A line that can only be text at the beginning of a block. */
const WORDS = /^ {0,3}[\p{L}“‘「『"']/u;
/** A line that is neither a heading nor of code or a table. */
const INLINE = /^ {0,3}[^\s#|`~]/;
const QUOTED_WORDS = /^ {0,3}(?:> ?){1,4}[\p{L}“‘「『"']/u;

type Kind = "list" | "table" | "quote" | "text";

/** Splits at blank lines outside of code. Indented lines, and further items of a list, stay in the
 * block above.
 */
export function splitBlocks(markdown: string): Block[] {
  const splitter = new Splitter();
  for (const line of markdown.split(/(?<=\n)/)) if (line) splitter.add(line);
  return splitter.blocks;
}

class Splitter {
  readonly blocks: Block[] = [];
  private kind: Kind = "text";
  private hasCode = false;
  private fence = "";
  private wasBlank = true;
  private at = 0;
  private before = "";
  /** The header of the table that the block ends with. */
  private header = "";

  add(line: string): void {
    const isBlank = line.trim() === "";
    if (this.blocks.length === 0 || (this.begins(line, isBlank) && !this.fence)) this.begin(line);
    else if (this.goesOn(line, isBlank)) this.push(line, this.header, true);
    else this.append(line);
    if (!isBlank && !this.fence && isLong(line)) this.divide(line);
    this.fence = fenceAfter(line, this.fence);
    this.hasCode ||= this.fence !== "" || /[`~]{3}/.test(line);
    this.wasBlank = isBlank && !this.fence;
    this.at += line.length;
    this.before = line;
  }

  private begins(line: string, isBlank: boolean): boolean {
    const isItem = INDENTED_ITEM.test(line);
    const belongs = /^[ \t]/.test(line) || (this.kind === "list" && isItem);
    const isTooLong = this.kind === "list" && this.length() > MAX_LIST_LENGTH;
    return (this.wasBlank && !isBlank && !belongs) || (isTooLong && ITEM.test(line));
  }

  private begin(line: string): void {
    this.push(line, "", false);
    this.kind = INDENTED_ITEM.test(line) ? "list" : QUOTE.test(line) ? "quote" : "text";
    this.hasCode = false;
    this.header = "";
  }

  /** Whether a block that has become long goes on in another one with this line. */
  private goesOn(line: string, isBlank: boolean): boolean {
    if (isBlank || this.fence || this.wasBlank || this.hasCode) return false;
    if (this.length() <= MAX_LENGTH) return false;
    if (this.kind === "table") return line.includes("|");
    if (this.kind === "quote") return QUOTED_WORDS.test(line);
    return this.kind === "text" && WORDS.test(line);
  }

  private append(line: string): void {
    const last = this.blocks.at(-1) as Block;
    last.text += line;
    if (this.kind !== "text" || !DELIMITERS.test(line) || !this.before.includes("|")) return;
    this.kind = "table";
    this.header = this.before + line;
  }

  private push(text: string, head: string, continues: boolean): void {
    this.blocks.push({ start: this.at, text, head, continues });
  }

  private length(): number {
    return this.blocks.at(-1)?.text.length ?? 0;
  }

  /** Divides the line that the last block ends with. */
  private divide(line: string): void {
    const divisible = { quote: QUOTED_WORDS, text: INLINE, list: null, table: null }[this.kind];
    if (!divisible?.test(line)) return;
    const last = this.blocks.at(-1) as Block;
    last.text = last.text.slice(0, last.text.length - line.length);
    const head = this.kind === "quote" ? "> " : "";
    for (const [number, { from, text }] of sentences(line).entries()) {
      if (number === 0) last.text += text;
      else this.blocks.push({ start: this.at + from, text, head, continues: true });
    }
  }
}

function isLong(line: string): boolean {
  return line.length > MAX_LENGTH;
}

function sentences(line: string): { from: number; text: string }[] {
  const parts = [];
  let from = 0;
  for (let end = endOfPart(line, from); end < line.length; end = endOfPart(line, from)) {
    parts.push({ from, text: line.slice(from, end) });
    from = end;
  }
  return [...parts, { from, text: line.slice(from) }];
}

/** The beginning of a sentence with words, which cannot be mistaken for an item of a list. */
const SENTENCE = /[.!?。！？…][”’"')\]」』]{0,8}\s(?=[\p{L}“‘「『"'])/gu;
const WORD = /\s(?=[\p{L}“‘「『"'])/u;

/** Depends only on what is before it, so that it stays where it is while the line grows. */
function endOfPart(line: string, from: number): number {
  const first = from + MAX_LENGTH;
  const near = line.slice(first, from + MAX_SENTENCE_LENGTH);
  for (const { index, 0: found } of near.matchAll(SENTENCE)) {
    const end = first + index + found.length;
    if (isClosed(line.slice(from, end))) return end;
  }
  if (line.length <= from + MAX_SENTENCE_LENGTH) return line.length;
  const space = near.search(WORD);
  const end = from + MAX_SENTENCE_LENGTH;
  if (space >= 0) return first + space + 1;
  return /[\ud800-\udbff]/.test(line[end - 1] ?? "") ? end - 1 : end;
}

/** Whether the text ends outside of emphasis, code and links. */
function isClosed(text: string): boolean {
  const count = (mark: string) => text.split(mark).length - 1;
  const opened = count("[") - count("]");
  return count("*") % 2 === 0 && count("`") % 2 === 0 && opened === 0;
}

/** The code fence that is open after a line, "" for none. */
function fenceAfter(line: string, open: string): string {
  const found = FENCE.exec(line)?.[1];
  if (!found) return open;
  if (!open) return found;
  const closes = found.startsWith(open) && line.trim() === found;
  return closes ? "" : open;
}

/** Converts offsets in code points, as the server has them, to ones in UTF-16 units. */
export function utf16Offsets(text: string, codePoints: readonly number[]): number[] {
  const units: number[] = [];
  let at = 0;
  for (const character of text) {
    units.push(at);
    at += character.length;
  }
  return codePoints.map((offset) => units[offset] ?? at);
}
