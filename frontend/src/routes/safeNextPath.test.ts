import { expect, it } from "vitest";
import foreign from "@/test/foreign.json";
import { safeNextPath } from "./safeNextPath";

it.each([
  "/",
  "/c/17",
  "/quotes/",
  "/quotes?q=a&page=2",
  "/quotes?q=https://evil.example",
  "/quotes?q=%ED%95%9C%20%EC%A4%84",
  "/quotes?q=한+줄",
  "/settings/security#top",
  "/?ask=Who//said",
  `/quotes?q=${"a".repeat(1900)}`,
])("accepts %s", (path) => {
  expect(safeNextPath(path)).toBe(path);
});

it.each(foreign)("rejects %j", (path) => {
  expect(safeNextPath(path)).toBeUndefined();
});

it.each([
  undefined,
  null,
  7,
  true,
  {},
  { toString: () => "/c/1" },
  ["/c/1"],
  `/quotes?q=${"a".repeat(2000)}`,
  `/${"a/".repeat(50_000)}`,
  `/${"a".repeat(100_000)}!`,
])("rejects what is no short string (%#)", (value) => {
  expect(safeNextPath(value)).toBeUndefined();
});

it("accepts no character in front of another host", () => {
  const forms = (c: string) => [`${c}//evil.example`, `/${c}/evil.example`, `//${c}evil.example`];
  const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  const taken = all.flatMap(forms).filter((text) => safeNextPath(text) !== undefined);
  // What follows `?` or `#` is no host.
  expect(taken.sort()).toEqual(["/#/evil.example", "/?/evil.example"]);
});
