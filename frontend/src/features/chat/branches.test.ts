import { describe, expect, it } from "vitest";
import { chat } from "@/test/server";
import { choicesTo, shownBranch } from "./branches";

const tree = [
  chat({ id: 1, parent: null }),
  chat({ id: 2, parent: 1 }),
  chat({ id: 3, parent: 1 }), // another version of 2
  chat({ id: 4, parent: 3 }),
  chat({ id: 5, parent: 2 }), // the newest is below the older version
];
const ids = (steps: ReturnType<typeof shownBranch>) => steps.map((step) => step.chat.id);

describe("shownBranch", () => {
  it("leads to the newest chat", () => {
    expect(ids(shownBranch(tree, {}))).toEqual([1, 2, 5]);
  });

  it("follows a choice, and from there the newest", () => {
    expect(ids(shownBranch(tree, { "1": 3 }))).toEqual([1, 3, 4]);
  });

  it("tells the versions of each step", () => {
    expect(shownBranch(tree, {}).map((step) => step.versions)).toEqual([[1], [2, 3], [5]]);
  });

  it("takes several chats without a parent as versions of the first question", () => {
    const twice = [chat({ id: 1 }), chat({ id: 2 })];
    expect(ids(shownBranch(twice, {}))).toEqual([2]);
    expect(ids(shownBranch(twice, { "": 1 }))).toEqual([1]);
  });

  it("begins with the earliest loaded chat", () => {
    expect(
      ids(shownBranch([chat({ id: 12, parent: 11 }), chat({ id: 13, parent: 12 })], {})),
    ).toEqual([12, 13]);
  });

  it("has no step without chats", () => {
    expect(shownBranch([], {})).toEqual([]);
  });
});

it("leads to a chat on a branch that is not shown", () => {
  expect(ids(shownBranch(tree, choicesTo(tree, 4)))).toEqual([1, 3, 4]);
  const withoutFirst = tree.slice(1);
  expect(ids(shownBranch(withoutFirst, choicesTo(withoutFirst, 4)))).toEqual([3, 4]);
  expect(choicesTo(tree, 99)).toEqual({});
  expect(choicesTo(tree, undefined)).toEqual({});
});
