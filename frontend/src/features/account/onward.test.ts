import { expect, it } from "vitest";
import { onward } from "./onward";

it.each([
  [undefined, "/", false],
  ["/c/7", "/c/7", false],
  ["/administer", "/administer", false],
  ["/quotes?q=/admin/", "/quotes?q=/admin/", false],
  ["/admin", "/admin", true],
  ["/admin/?next=/c/7", "/admin/?next=/c/7", true],
  ["/admin/quotes/quote/", "/admin/quotes/quote/", true],
])("goes on from a sign-in with next=%s", (next, href, reloadDocument) => {
  expect(onward(next)).toEqual({ href, replace: true, reloadDocument });
});
