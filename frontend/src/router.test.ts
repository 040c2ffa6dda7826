import { expect, it } from "vitest";
import { boardSearch, ownPath } from "./router";

it.each([
  ["/quotes?q=a", "/quotes?q=a"],
  ["//evil.example", undefined],
  ["/\\evil.example", undefined],
  ["https://evil.example", undefined],
  [7, undefined],
])("goes on to %s only if it is ours", (given, expected) => {
  expect(ownPath(given)).toBe(expected);
});

it.each([
  [{}, {}],
  [
    { q: "a", page: "2", state: "applied" },
    { q: "a", page: 2, state: "applied" },
  ],
  [{ q: 1984, page: 1 }, { q: "1984" }],
  [{ page: "-3", state: "unknown" }, {}],
  [
    { sort: "liked", speaker: "윤동주", source: 1984, language: "ko" },
    { sort: "liked", speaker: "윤동주", source: "1984", language: "ko" },
  ],
  [{ sort: "old", speaker: "", language: "no language" }, {}],
])("takes from %j what the board knows", (given, expected) => {
  expect(boardSearch(given)).toEqual(expected);
});
