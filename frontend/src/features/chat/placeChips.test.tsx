import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Citation } from "@/api/client";
import { queryClient } from "@/api/queries";
import Markdown from "./Markdown";

/** An answer made of random pieces: where each quotation stands is known from how it was made, and
 * what it looks like too. Neither is searched in the source.
 */
interface Quotation {
  source: string;
  shown: string;
}

const START = "\ue000";
const END = "\ue001";

/** The quoted words are between START and END. Many are the same, to be told apart by place. */
const QUOTATIONS: Quotation[] = [
  ...Array.from({ length: 6 }, () => quotation("“|to be|”", "“to be”")),
  quotation('"|to be|"', '"to be"'),
  quotation("“|to be|”라고", "“to be”"),
  quotation("“|to be|”.", "“to be”"),
  quotation("**“|to be|”**이라는", "“to be”"),
  quotation("*“|to be|”*", "“to be”"),
  quotation("“|**to be**|”", "“to be”"),
  quotation("“|to *be*|”", "“to be”"),
  quotation("***“|to be|”***", "“to be”"),
  quotation("~~“|to be|”~~", "“to be”"),
  quotation("“|to be\\!|”", "“to be!”"),
  quotation("“|to \\*be\\*|”", "“to *be*”"),
  quotation("“|Q&amp;A|”", "“Q&A”"),
  quotation("“|caf&#233;|”", "“café”"),
  quotation("“|I &lt;3 U&gt;|”", "“I <3 U>”"),
  quotation("“|😀 to be 👩‍👧|”", "“😀 to be 👩‍👧”"),
  quotation("「|사느냐 죽느냐|」는", "「사느냐 죽느냐」"),
  quotation("[“|to be|”](https://a.example/to%20be)", "“to be”"),
  quotation("[see \\[1\\] “|to be|”][ref]", "“to be”"),
  quotation("“|to `code` be|”", "“to code be”"),
  quotation("“|to_be_or|”", "“to_be_or”"),
];
const LONGER = quotation("“|to be\nor not|”", "“to be\nor not”");

function quotation(marked: string, shown: string): Quotation {
  const [before = "", words = "", after = ""] = marked.split("|");
  return { source: `${before}${START}${words}${END}${after}`, shown };
}

/** The same numbers for the same seed (mulberry32). */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

class Writer {
  shown: string[] = [];
  readonly next: (limit: number) => number;

  constructor(seed: number) {
    this.next = random(seed);
  }

  one<T>(of: readonly T[]): T {
    return of[this.next(of.length)] as T;
  }

  words(): string {
    return this.one([
      "to be",
      "He said",
      "**so** it",
      "가나 다",
      "a &amp; b",
      "x\\_y",
      "😀",
      "1. b",
      "a\tb",
      "가\u3000나",
      "a\u00a0b",
      "a\u2028b",
      "<b>so</b>",
      "<https://a.example>",
      "www.a.example",
      "![an image](a.png)",
      "a[^1]",
      "__so__",
      "\\> a",
    ]);
  }

  quoted(): string {
    const { source, shown } = this.one(QUOTATIONS);
    this.shown.push(shown);
    return source;
  }

  /** One line with quotations, and code that looks like one. */
  line(): string {
    const parts = Array.from(
      { length: 1 + this.next(3) },
      () => `${this.words()} ${this.quoted()}`,
    );
    return `${parts.join(" ")} ${this.one(["", "", "`to be`", "end", "end  "])}`;
  }

  paragraph(): string {
    if (this.next(4) > 0)
      return Array.from({ length: 1 + this.next(3) }, () => this.line()).join("\n");
    this.shown.push(LONGER.shown);
    return `So ${LONGER.source} it`;
  }

  list(mark: (at: number) => string, isLoose: boolean, depth = 0): string {
    const items = Array.from({ length: 1 + this.next(depth ? 3 : 10) }, (_, at) => {
      const bullet = mark(at);
      const inside =
        depth === 2 || this.next(5)
          ? this.paragraph()
          : `${this.line()}\n${this.list(() => "- ", false, depth + 1)}`;
      const indent = " ".repeat(bullet.replace(/\[.*/, "").length);
      return bullet + inside.replaceAll("\n", `\n${indent}`);
    });
    return items.join(isLoose ? "\n\n" : "\n");
  }

  table(): string {
    const row = () =>
      `| ${this.line().trim()} | ${this.one(["", "a \\| b ", "`c` "])}${this.quoted()} |`;
    return [row(), "|---|:-:|", ...Array.from({ length: this.next(5) }, row)].join("\n");
  }

  quote(): string {
    const prefix = this.one(["> ", ">", " > ", "> > "]);
    return this.block(3).replaceAll(/^|\n/g, `$&${prefix}`);
  }

  block(kinds = 12): string {
    switch (this.next(kinds)) {
      case 0:
        return this.list((at) => `${at + 1}. `, this.next(2) === 0);
      case 1:
        return this.list(() => this.one(["- "]), this.next(3) === 0);
      case 2:
        return this.paragraph();
      case 3:
        return this.table();
      case 4:
      case 5:
        return this.quote();
      case 6:
        return `## ${this.line()}${this.one([" ##", ""])}`;
      case 7:
        return `${this.line()}\n===`;
      case 8:
        return "```\n“to be”\n```";
      case 9:
        return this.list(() => this.one(["- [ ] ", "- [x] "]), this.next(2) === 0);
      default:
        return this.paragraph();
    }
  }

  answer(): string {
    const blocks = Array.from({ length: 1 + this.next(6) }, () => this.block());
    const text = ["Begin", ...blocks, "[ref]: https://a.example"].join("\n\n");
    return text.replaceAll("\n", this.lineEnds());
  }

  /** Of an answer: all the same, or of all kinds. */
  lineEnds(): (lineEnd: string) => string {
    const kinds = ["\n", "\r\n", "\r"];
    const kind = this.one([...kinds, "\n", "mixed"]);
    return () => (kind === "mixed" ? this.one(kinds) : kind);
  }
}

/** The answer without the marks of this test, and a citation for most quotations. */
function cited(marked: string, next: (limit: number) => number) {
  let text = "";
  let start = 0;
  let length = 0;
  let number = 0;
  const citations: Citation[] = [];
  for (const character of marked) {
    if (character === START) start = length;
    else if (character === END) {
      const words = { quote: number, text: `#${number++}#`, start, end: length };
      const rest = { verdict: "verbatim", match: "exact", difference: [], notes: [] } as const;
      if (next(4)) citations.push({ ...words, ...rest, difference: [], notes: [], links: [] });
    } else {
      text += character;
      length++;
    }
  }
  return { text, citations };
}

/** The shown text without chips and code blocks, and how much of it is before each chip. */
function read(container: Element): { shown: string; chips: Map<string, number> } {
  let shown = "";
  const chips = new Map<string, number>();
  const visit = (node: Node): void => {
    if (node.nodeType === Node.TEXT_NODE) shown += node.nodeValue;
    else if (node instanceof Element && node.tagName === "BUTTON") {
      const label = node.getAttribute("aria-label") ?? "";
      if (/#\d+#/.test(label)) chips.set(/#(\d+)#/.exec(label)?.[1] ?? "", shown.length);
    } else if (node.nodeName !== "PRE") {
      for (const child of node.childNodes) visit(child);
      if (/^(P|LI|TD|TH|H\d)$/.test(node.nodeName)) shown += "\n";
    }
  };
  visit(container);
  return { shown, chips };
}

/** Finds the words from a place on; further lines may be indented. */
function pattern(quoted: string, from: number): RegExp {
  const escaped = quoted.replace(/[*?]/g, "\\$&").replace("\n", "\n *");
  const expression = new RegExp(escaped, "g");
  expression.lastIndex = from;
  return expression;
}

function check(seed: number): void {
  const writer = new Writer(seed);
  const marked = writer.answer();
  const { text, citations } = cited(marked, writer.next);
  const { container } = render(
    <QueryClientProvider client={queryClient}>
      <Markdown text={text} citations={citations} />
    </QueryClientProvider>,
  );
  act(() => {
    dispatchEvent(new Event("beforeprint")); // renders all of a long answer
  });
  const { shown, chips } = read(container);
  const about = `seed ${seed}: ${JSON.stringify(text)} shown as ${JSON.stringify(shown)}`;
  expect(shown, about).not.toMatch(/“#/); // none is listed at the end
  expect(chips.size, about).toBe(citations.length);
  let at = 0;
  for (const [number, quoted] of writer.shown.entries()) {
    const found = pattern(quoted, at).exec(shown);
    expect(found, `${quoted} in ${about}`).not.toBeNull();
    at = (found?.index ?? 0) + (found?.[0].length ?? 0);
    const chip = chips.get(String(number));
    if (chip === undefined) continue;
    const between = shown.slice(at, Math.max(at, chip));
    expect(chip, `${number} ${quoted}, ${about}`).toBeGreaterThanOrEqual(at);
    expect(between, `${number} ${quoted}, ${about}`).toMatch(/^[^\s“"「]{0,8}$/);
  }
  cleanup();
}

it("puts each chip behind its own quotation, in any kind of markdown", () => {
  for (let seed = 1; seed <= 60; seed++) check(seed);
});
