/** Draws a line of the board as an image: the line, who says it where, the product and the link. */
import type { Quote } from "@/api/client";
import { breakEvenly, breakLines, type Measure } from "./breakLines";

export type CardTheme = "light" | "dark";

export const WIDTH = 1080;
export const HEIGHT = 1350;
const EDGE = 96;
const TOP = 250; // below the quotation mark
const BOTTOM = 1160; // above the product's name
const LINE_SIZES = [104, 90, 76, 68, 60, 54, 48, 43, 38, 34, 30];
const FROM_SIZE = 40;
const GAP = 56; // between the line and who says it
const MOST_FROM_LINES = 2;

/** Those of the page (styles.css): a card may have another theme than the page. */
const COLOURS = {
  light: { bg: "#fbfaf7", ink: "#1d1c17", mute: "#5f5c50", line: "#e3dfd3", accent: "#0b5d57" },
  dark: { bg: "#14140f", ink: "#efede4", mute: "#aeab9c", line: "#33332a", accent: "#6cc7bd" },
} as const;

export interface CardTexts {
  product: string;
  /** The address without its scheme. */
  link: string;
}

interface Layout {
  size: number;
  lines: string[];
}

type Line = Pick<Quote, "content" | "speaker" | "source" | "language">;

/** Loads what the card's letters need: the page's font is in many files. */
export async function loadCardFonts(quote: Line, { product, link }: CardTexts): Promise<void> {
  const said = [quote.content, quote.speaker, quote.source, product, link, "“—"].join("");
  // Without one of them the system's own font is drawn.
  await Promise.allSettled(
    ["600", "400"].map((weight) => document.fonts.load(font(weight, 60), said)),
  );
}

/** Draws the card; false if the line is too long for one. */
export function drawCard(
  context: CanvasRenderingContext2D,
  quote: Line,
  theme: CardTheme,
  texts: CardTexts,
): boolean {
  const measured = (weight: string) => (size: number) => {
    context.font = font(weight, size);
    return (text: string) => context.measureText(text).width;
  };
  const from = fromOf(quote, measured("400")(FROM_SIZE));
  const height = BOTTOM - TOP - (from.length ? GAP + from.length * leading(FROM_SIZE) : 0);
  const layout = layoutOf(quote, height, measured("600"));
  if (!layout) return false;
  const colours = COLOURS[theme];
  const isRtl = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(quote.content);
  const write = (text: string, at: { x: number; y: number }, style: Style) => {
    context.font = font(style.weight ?? "400", style.size);
    context.fillStyle = style.colour;
    context.textAlign = style.align ?? "start";
    context.fillText(text, at.x, at.y);
  };
  context.textBaseline = "alphabetic";
  context.fillStyle = colours.bg;
  context.fillRect(0, 0, WIDTH, HEIGHT);

  context.direction = isRtl ? "rtl" : "ltr";
  const x = isRtl ? WIDTH - EDGE : EDGE;
  write(
    "“",
    { x: isRtl ? x : x - 8, y: 270 },
    { size: 240, weight: "600", colour: colours.accent },
  );
  const free = height - layout.lines.length * leading(layout.size);
  let y = TOP + free / 2;
  for (const text of layout.lines) {
    y += leading(layout.size);
    write(
      text,
      { x, y: y - layout.size * 0.3 },
      { size: layout.size, weight: "600", colour: colours.ink },
    );
  }
  y += GAP;
  for (const text of from) {
    y += leading(FROM_SIZE);
    write(text, { x, y: y - FROM_SIZE * 0.3 }, { size: FROM_SIZE, colour: colours.mute });
  }

  context.direction = "ltr";
  context.fillStyle = colours.line;
  context.fillRect(EDGE, BOTTOM + 50, WIDTH - 2 * EDGE, 2);
  const foot = BOTTOM + 120;
  write(texts.product, { x: EDGE, y: foot }, { size: 38, weight: "600", colour: colours.accent });
  write(
    texts.link,
    { x: WIDTH - EDGE, y: foot },
    { size: 30, colour: colours.mute, align: "right" },
  );
  return true;
}

interface Style {
  size: number;
  colour: string;
  weight?: string;
  align?: CanvasTextAlign;
}

/** The largest size in which the line fits into the height, null if it fits in none. */
function layoutOf(
  { content, language }: Line,
  height: number,
  measureIn: (size: number) => Measure,
): Layout | null {
  for (const size of LINE_SIZES) {
    const lines = breakEvenly(content, WIDTH - 2 * EDGE, measureIn(size), language);
    if (lines.length * leading(size) <= height) return { size, lines };
  }
  return null;
}

/** Who says it where, in at most so many lines. */
function fromOf({ speaker, source, language }: Line, measure: Measure): string[] {
  const from = [speaker, source].filter(Boolean).join(", ");
  if (!from) return [];
  const lines = breakLines(`— ${from}`, WIDTH - 2 * EDGE - FROM_SIZE, measure, language);
  const shown = lines.slice(0, MOST_FROM_LINES);
  return lines.length > shown.length ? [...shown.slice(0, -1), `${shown.at(-1)}…`] : shown;
}

const leading = (size: number) => size * 1.5;

function font(weight: string, size: number): string {
  return `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
}
