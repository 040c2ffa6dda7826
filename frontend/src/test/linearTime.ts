/** Texts of any length that may be slow to parse, and a check of how the time grows with the
 * length: it does not depend on the machine's speed.
 */
export type Parse = (text: string) => unknown;

const PUMPS = [
  ..." \t\n\"'“”‘’「」『』()[]{}<>-_*~`#|\\&!=+/:;,.1a가😀",
  ...[
    "\r\n",
    " \n",
    "\n\n",
    "> ",
    ">\n",
    "> a\n\n",
    "- ",
    "* a\n",
    "1. ",
    "# ",
    "| a ",
    "|-",
    "``",
  ],
  ...[
    "```\n",
    "~~~\n",
    "`a ``a ",
    "[[",
    "](",
    "[a](",
    "![",
    "[a]: ",
    "<a ",
    "<!--",
    "**",
    "**a",
    "__",
  ],
  ...[
    "~~",
    "&amp;",
    "&#1;",
    "https://",
    "www.",
    "a@",
    "a@b.",
    "a ",
    "가나 ",
    "“a” ",
    "**“a”**은 ",
    "\u0300",
  ],
  ...["*a ", "![](", "&#", "$$", "*a_", "[^a]", "<br>", "- [ ] ", "\\*", "_a", "*a*가"],
];

export const shapes: [name: string, make: (size: number) => string][] = PUMPS.flatMap((pump) => {
  const many = (size: number) => pump.repeat(Math.ceil(size / pump.length)).slice(0, size);
  const name = JSON.stringify(pump);
  return [
    [name, many],
    [`a > and ${name} and b`, (size: number) => `> a${many(size)}b`],
  ];
});

const MAX_GROWTH = 50; // for 10 times the text; quadratic work takes 100 times as long
const FLOOR = 4; // ms; shorter times count as this
const ATTEMPTS = 4;

/** The times that grew too fast, "" if none did. */
export function superlinear(parse: Parse, make: (size: number) => string, sizes: number[]): string {
  const texts = sizes.map(make);
  for (let place = 1; place < texts.length; place++) {
    const pair = texts.slice(place - 1, place + 1);
    let growth = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [before = 0, after = 0] = pair.map((text) => cpuTime(parse, text));
      growth = after > MAX_GROWTH * Math.max(before, FLOOR) ? `${before} and ${after} ms` : "";
      if (!growth) break;
    }
    if (growth) return `${growth} for ${sizes[place]} characters`;
  }
  return "";
}

/** The CPU time of this process, which other processes hardly change. */
function cpuTime(parse: Parse, text: string): number {
  const begun = process.cpuUsage();
  parse(text);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}
