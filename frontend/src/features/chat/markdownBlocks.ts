/** Splits markdown into blocks that are rendered one by one: while an answer grows, only its last
 * block changes and is lexed again.
 */
export interface Block {
  /** The offset of the block in the text, in UTF-16 units. */
  start: number;
  text: string;
}

/** A longer list continues in another block: lexing all of it for each word would be slow. */
const MAX_LIST_LENGTH = 1500;
const ITEM = /^([-*+]|\d{1,9}[.)])\s/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Splits at blank lines outside of code. Indented lines, and further items of a list, stay in the
 * block above.
 */
export function splitBlocks(markdown: string): Block[] {
  if (!markdown) return [];
  const blocks: Block[] = [];
  let fence = "";
  let isList = false;
  let wasBlank = true;
  let at = 0;
  for (const line of markdown.split(/(?<=\n)/)) {
    const isBlank = line.trim() === "";
    const item = /^ {0,3}([-*+]|\d{1,9}[.)])\s/.test(line);
    const belongs = /^[ \t]/.test(line) || (isList && item);
    const last = blocks.at(-1);
    const isTooLong = isList && last !== undefined && last.text.length > MAX_LIST_LENGTH;
    const begins = (wasBlank && !isBlank && !belongs) || (isTooLong && ITEM.test(line));
    if (!last || (begins && !fence)) {
      blocks.push({ start: at, text: line });
      isList = item;
    } else {
      last.text += line;
    }
    fence = fenceAfter(line, fence);
    wasBlank = isBlank && !fence;
    at += line.length;
  }
  return blocks;
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
