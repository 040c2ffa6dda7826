import { expect, it } from "vitest";
import { wordsAfter } from "./droppedWords";

const long = "Words of an answer that goes on for a while. ".repeat(30);

it.each([
  ["So far", "So far and on", " and on"],
  ["So far", "So far", ""],
  ["So far", "So", ""],
  [`“To be, or not to be” ${long}`, `“To be or not too be” ${long} and on`, " and on"],
  [`“To be” ${long}`, `“To be, or not to be” ${long} and on`, " and on"],
  [long, `${long}${long.slice(0, 45)}`, long.slice(0, 45)],
])("finds what was streamed after %s", (kept, streamed, words) => {
  expect(wordsAfter(kept, streamed)).toBe(words);
});
