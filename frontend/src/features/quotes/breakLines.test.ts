import { expect, it } from "vitest";
import { breakEvenly, breakLines } from "./breakLines";

const measure = (text: string) => [...text].length;

it.each([
  ["between words", "죽는 날까지 하늘을 우러러", 7, ["죽는 날까지", "하늘을 우러러"]],
  ["never within one that fits", "한 점 부끄럼이 없기를", 6, ["한 점", "부끄럼이", "없기를"]],
  ["at the text's own breaks", "잎새에\n이는 바람", 20, ["잎새에", "이는 바람"]],
  ["with an empty line between verses", "하나\n\n둘", 9, ["하나", "", "둘"]],
  ["in one line where there is room", "To be", 5, ["To be"]],
  ["anywhere in a word that is wider", "a ffffffff", 4, ["a ff", "ffff", "ff"]],
  ["after one space of several", "a   b", 3, ["a b"]],
] as const)("breaks %s", (_, text, width, lines) => {
  expect(breakLines(text, width, measure)).toEqual(lines);
});

it("breaks Japanese between its words, and never before a full stop or after a bracket", () => {
  const lines = breakLines("吾輩は「猫」である。名前はまだ無い。", 6, measure, "ja");
  expect(lines.join("")).toBe("吾輩は「猫」である。名前はまだ無い。");
  for (const line of lines) {
    expect(line).not.toMatch(/^[。」]|「$/);
    expect(measure(line)).toBeLessThanOrEqual(6);
  }
});

it("keeps letters of several code points whole", () => {
  expect(breakLines("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 10, measure)).toEqual(["👩‍👩‍👧👩‍👩‍👧", "👩‍👩‍👧"]);
});

it("leaves no single word in a line where the lines can be about equal", () => {
  const text = "가나 다라 마바 사아 자";
  expect(breakLines(text, 11, measure)).toEqual(["가나 다라 마바 사아", "자"]);
  expect(breakEvenly(text, 11, measure)).toEqual(["가나 다라", "마바 사아 자"]);
  expect(breakEvenly("unbreakable ab", 11, measure)).toEqual(["unbreakable", "ab"]);
});
