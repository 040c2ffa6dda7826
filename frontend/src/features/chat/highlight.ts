/** Highlights the words of a search without changing the document (CSS Custom Highlight API). */

const NAME = "found";
const MAX_RANGES = 500;
const BLOCKS = "p, li, td, th, pre, h1, h2, h3, h4, h5, h6";

/** Highlights the words within the element, also in what comes into it later. Returns a function
 * that ends it.
 */
export function highlight(element: Element, words: string): () => void {
  const mark = () => CSS.highlights.set(NAME, new Highlight(...rangesOf(element, words)));
  const observer = new MutationObserver(mark);
  observer.observe(element, { childList: true, characterData: true, subtree: true });
  mark();
  return () => {
    observer.disconnect();
    CSS.highlights.delete(NAME);
  };
}

/** The first highlighted place, in the order of the document. */
export function firstHighlight(): AbstractRange | undefined {
  if (!("highlights" in CSS)) return undefined;
  const [first] = CSS.highlights.get(NAME) ?? [];
  return first;
}

/** Where the words, which are separated by spaces, stand in the text of an element. */
export function rangesOf(element: Element, words: string): Range[] {
  const nodes = textNodes(element);
  const text = nodes.map(({ before, node }) => before + folded(node.data)).join("");
  const found = [...new Set(words.split(/\s+/).filter(Boolean))].flatMap((word) =>
    placesOf(folded(word.normalize("NFC")), text),
  );
  found.sort(([a], [b]) => a - b);
  return found.slice(0, MAX_RANGES).map(([start, end]) => rangeOf(nodes, start, end));
}

interface Piece {
  node: Text;
  /** A line feed where another block begins, so that no word goes on in it. */
  before: string;
  /** Where the text of the node begins in the text of all. */
  start: number;
}

function textNodes(element: Element): Piece[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const pieces: Piece[] = [];
  let block: Element | null | undefined;
  let length = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const parent = node.parentElement;
    if (parent?.closest("button, [role=status]")) continue;
    const before = parent?.closest(BLOCKS) === block ? "" : "\n";
    block = parent?.closest(BLOCKS);
    pieces.push({ node, before, start: length + before.length });
    length += before.length + node.length;
  }
  return pieces;
}

/** In lower case, with as many characters as before. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function placesOf(word: string, text: string): [number, number][] {
  const places: [number, number][] = [];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    places.push([at, at + word.length]);
  }
  return places;
}

function rangeOf(nodes: readonly Piece[], start: number, end: number): Range {
  const range = document.createRange();
  const first = nodes.findLast((piece) => piece.start <= start);
  const last = nodes.findLast((piece) => piece.start < end);
  if (first) range.setStart(first.node, start - first.start);
  if (last) range.setEnd(last.node, end - last.start);
  return range;
}
