import { expect, it } from "vitest";
import { rangesOf } from "./highlight";

function textsOf(html: string, words: string): string[] {
  const box = new DOMParser().parseFromString(`<div>${html}</div>`, "text/html").body;
  return rangesOf(box, words).map(String);
}

it.each([
  ["<p>The Lighthouse, a lighthouse.</p>", "lighthouse", ["Lighthouse", "lighthouse"]],
  ["<p><b>부끄럼</b>은 없다</p>", "부끄럼은", ["부끄럼은"]],
  ["<p>one</p><p>two</p>", "onetwo", []],
  ["<p>be or not to be</p>", "to  be", ["be", "to", "be"]],
  ["<p>“to be”<button>to be, word for word</button></p>", "be", ["be"]],
  ["<p>İstanbul is İstanbul</p>", "istanbul is", ["is"]],
  ["<p>any</p>", " ", []],
])("finds in %s the words %j", (html, words, found) => {
  expect(textsOf(html, words)).toEqual(found);
});

it("finds no more than can be shown", () => {
  expect(textsOf(`<p>${"a ".repeat(2000)}</p>`, "a")).toHaveLength(500);
});
