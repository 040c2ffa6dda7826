import { act, renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { noteQuota, quotaOf, setQuota, useQuota } from "./quota";

const headers = (remaining: number, seconds: number) =>
  new Headers({
    RateLimit: `"daily";r=${remaining};t=${seconds}`,
    "RateLimit-Policy": '"daily";q=5;w=86400',
  });
const NOON = Date.parse("2026-03-01T03:00:00Z");

it("reads the headers of a response", () => {
  expect(quotaOf(headers(3, 12 * 3600), NOON)).toEqual({
    limit: 5,
    used: 2,
    remaining: 3,
    resets_at: "2026-03-01T15:00:00.000Z",
  });
});

it("gives null without the headers", () => {
  expect(quotaOf(new Headers(), NOON)).toBeNull();
});

it("reads the daily quota among other limits", () => {
  const both = new Headers({
    RateLimit: '"daily";r=4;t=43200, "site";r=0;t=43200',
    "RateLimit-Policy": '"daily";q=5;w=86400, "site";q=100;w=86400',
  });
  expect(quotaOf(both, NOON)).toMatchObject({ limit: 5, remaining: 4 });
});

it("ignores other limits", () => {
  const writes = new Headers({
    RateLimit: '"writes";r=0;t=12',
    "RateLimit-Policy": '"writes";q=60;w=60',
  });
  expect(quotaOf(writes, NOON)).toBeNull();
});

it("notifies its readers, and keeps the same midnight for later responses", () => {
  const { result } = renderHook(useQuota);
  expect(result.current).toBeNull();
  const midnight = "2026-03-02T00:00:00+09:00";
  act(() => setQuota({ limit: 5, used: 0, remaining: 5, resets_at: midnight }));
  act(() => noteQuota(headers(4, 12 * 3600 + 1), NOON));
  expect(result.current).toEqual({ limit: 5, used: 1, remaining: 4, resets_at: midnight });
});
