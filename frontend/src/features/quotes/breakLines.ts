/** Where the lines of a text that is drawn end. */

/** The width of a text, in the unit of the widths that it is compared with. */
export type Measure = (text: string) => number;

const CLOSES = /^[\p{Pe}\p{Pf}\p{Po}\s]+$/u;
const OPENS = /[\p{Ps}\p{Pi}]$/u;

/** The lines of a text. They end between words, as Korean and English are set; within a word only
 * where it is wider than a line, as all of a Chinese or Japanese sentence is: there between its own
 * words, or at last anywhere. The text's own line breaks stay.
 */
export function breakLines(text: string, width: number, measure: Measure, language = ""): string[] {
  return text
    .split("\n")
    .flatMap((part) => breakParagraph(part.trim().replace(/\s+/g, " "), width, measure, language));
}

const NARROWER = 0.96;

/** The same in as many lines, which are about equally long, as by `text-wrap: balance`. */
export function breakEvenly(
  text: string,
  width: number,
  measure: Measure,
  language = "",
): string[] {
  const widest = Math.max(...text.split(/\s+/).map(measure), width / 2);
  let lines = breakLines(text, width, measure, language);
  for (let less = width * NARROWER; less >= widest; less *= NARROWER) {
    const narrower = breakLines(text, less, measure, language);
    if (narrower.length > lines.length) break;
    lines = narrower;
  }
  return lines;
}

function breakParagraph(text: string, width: number, measure: Measure, language: string): string[] {
  const lines: string[] = [];
  let line = "";
  const add = (piece: string, gap: string) => {
    const longer = line && line + gap + piece;
    if (longer && measure(longer) <= width) line = longer;
    else {
      if (line) lines.push(line);
      line = piece;
    }
  };
  for (const word of text.split(" ")) {
    const pieces = measure(word) <= width ? [word] : piecesOf(word, width, measure, language);
    for (const [at, piece] of pieces.entries()) add(piece, at === 0 ? " " : "");
  }
  return [...lines, line];
}

/** The parts of a word that is wider than a line. */
function piecesOf(word: string, width: number, measure: Measure, language: string): string[] {
  const pieces: string[] = [];
  for (const part of segmentsOf(word, "word", language)) {
    const before = pieces.at(-1);
    if (before !== undefined && (CLOSES.test(part) || OPENS.test(before))) {
      pieces[pieces.length - 1] = before + part;
    } else {
      pieces.push(part);
    }
  }
  return pieces.flatMap((part) =>
    measure(part) <= width ? [part] : segmentsOf(part, "grapheme", language),
  );
}

function segmentsOf(text: string, granularity: "word" | "grapheme", language: string): string[] {
  const segmenter = new Intl.Segmenter(language || undefined, { granularity });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}
