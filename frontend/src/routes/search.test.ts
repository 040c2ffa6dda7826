import { expect, it } from "vitest";
import { parseSearch, stringifySearch } from "./search";

const roundTrip = (value: string) =>
  new URLSearchParams(stringifySearch(parseSearch(`?${new URLSearchParams({ state: value })}`)));

it.each([
  "a state",
  "1",
  "1.0",
  "007",
  "-0",
  "1e5",
  "1e+21",
  "12345678901234567890",
  "0x10",
  "true",
  "null",
  '"quoted"',
  '"5"',
  '"true"',
  '""quoted""',
  '{"a":1}',
  '{"a": 1.0}',
  "[1,2]",
  "[1, 2]",
  " 1 ",
  "a+b%20c&d=e#f",
  "한 줄",
  "\\u0041",
])("gives %j back as it was", (value) => {
  expect(roundTrip(value).get("state")).toBe(value);
});

it.each([
  { page: 3 },
  { q: "3" },
  { q: '"3"' },
  { q: "a", mine: true },
  { filter: { speaker: "Yun", works: ["a", "1"] } },
  { q: "" },
])("reads what it has written: %j", (search) => {
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});
