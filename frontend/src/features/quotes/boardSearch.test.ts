import { expect, it } from "vitest";
import { boardSearch } from "./boardSearch";

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
])("takes the board's parameters from %j", (search, expected) => {
  expect(boardSearch(search)).toEqual(expected);
});
