import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import Markdown from "./Markdown";

const html = (text: string) => render(<Markdown text={text} />).container.innerHTML;
const prose = (inside: string) => `<div class="prose">${inside}</div>`;

it.each([
  ["**“부끄럼”**은 *‘별’*이다", "<p><strong>“부끄럼”</strong>은 <em>‘별’</em>이다</p>"],
  ["그는**(웃으며)** 말했다", "<p>그는<strong>(웃으며)</strong> 말했다</p>"],
  ["**a** and *b* and 2 * 3 * 4", "<p><strong>a</strong> and <em>b</em> and 2 * 3 * 4</p>"],
  ["3~5일, 7~9일, ~~아니~~", "<p>3~5일, 7~9일, <del>아니</del></p>"],
  ["AT&amp;T &#44032; &#xAC00; &nope;", "<p>AT&amp;T 가 가 &amp;nope;</p>"],
  ["`&amp;` \\* a<br>b", "<p><code>&amp;amp;</code> * a<br>b</p>"],
  ["first\nsecond", "<p>first\nsecond</p>"],
  ["# One\n\n###### Six", "<h2>One</h2><h6>Six</h6>"], // the page's title is its only h1
  ["## Title\n---\n> said", "<h3>Title</h3><hr><blockquote><p>said</p></blockquote>"],
  ["1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"],
  ["3. three\n\n   more", '<ol start="3"><li><p>three</p><p>more</p></li></ol>'],
])("renders %s", (text, expected) => {
  expect(html(text)).toBe(prose(expected));
});

it.each([
  ["<script>alert(1)</script>", "script"],
  ['<img src=x onerror="x()"> and **bold**', "img"],
  ["<div>\n\n**bold**\n\n</div>", ".prose div"],
  ["<!-- hidden -->", "comment"],
])("shows HTML as text: %s", (text, selector) => {
  const { container } = render(<Markdown text={text} />);
  expect(container.querySelector(selector)).toBeNull();
  expect(container.textContent).toContain(text.split(/[\s>]/)[0]);
});

it.each(["javascript:alert(1)", "&#106;avascript:x", "data:text/html,x", "//other.example", "x"])(
  "does not link to %s",
  (address) => {
    const { container } = render(<Markdown text={`[here](${address})`} />);
    expect(container.querySelector("a")).toBeNull();
    expect(container.textContent).toBe("here");
  },
);

it("links to the web, to mail addresses and to its own pages", () => {
  const text = "[a](https://a.example/?x=1&amp;y=2) <b@b.example> [c](/quotes/7) www.d.example";
  const links = render(<Markdown text={text} />).container.querySelectorAll("a");
  expect(Array.from(links, (link) => link.getAttribute("href"))).toEqual([
    "https://a.example/?x=1&y=2",
    "mailto:b@b.example",
    "/quotes/7",
    "http://www.d.example",
  ]);
});

it("names a table, aligns its cells and shows tasks", () => {
  const { container, getByRole } = render(
    <Markdown text={"| a | b |\n|---|--:|\n| 1 | **2** |\n\n- [x] done\n- [ ] open"} />,
  );
  expect(getByRole("region", { name: "Table" })).toHaveTextContent("ab12");
  expect(container.querySelector("td strong")?.parentElement).toHaveClass("text-end");
  expect(getByRole("img", { name: "Done" })).toBeInTheDocument();
  expect(getByRole("img", { name: "To do" })).toBeInTheDocument();
});
