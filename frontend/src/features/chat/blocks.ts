/** Markdown in parts that can be rendered one by one: while an answer grows, only its last part
 * changes, and only that one is parsed again.
 */
export interface Block {
  /** Where the part begins, in UTF-16 units of the whole. */
  start: number;
  text: string;
}

/** A list longer than this goes on in another part: to read all of it anew for each word would show. */
const LONGEST_LIST = 1500;
const ITEM = /^([-*+]|\d{1,9}[.)])\s/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Splits at blank lines outside of code. What is indented, or goes on with a list, stays with what
 * is above it.
 */
export function blocksOf(markdown: string): Block[] {
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
    const isTooLong = isList && last !== undefined && last.text.length > LONGEST_LIST;
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

/** The fence that is open after a line, "" for none. */
function fenceAfter(line: string, open: string): string {
  const found = FENCE.exec(line)?.[1];
  if (!found) return open;
  if (!open) return found;
  const closes = found.startsWith(open) && line.trim() === found;
  return closes ? "" : open;
}

/** Code points, in which the server counts, as UTF-16 units, in which JavaScript does. */
export function unitsOf(text: string, codePoints: number): number {
  let units = 0;
  for (let count = 0; count < codePoints && units < text.length; count++) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}
