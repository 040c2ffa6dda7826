import { expect, it } from "vitest";
import foreign from "@/test/foreign.json";
import { parseSearch } from "./search";

it.each(foreign)("drops `next` with %j", (next) => {
  for (const text of [next, JSON.stringify(next), `${next}&next=${next}`]) {
    const query = new URLSearchParams({ next: text, ask: "a" });
    expect(parseSearch(`?${query}`)).toEqual({ ask: "a" });
  }
});

it("keeps a path of the page as `next`, and parses the rest as the router does", () => {
  const query = new URLSearchParams({ next: "/quotes?q=a&page=2", page: "3" });
  expect(parseSearch(`?${query}`)).toEqual({ next: "/quotes?q=a&page=2", page: 3 });
});
