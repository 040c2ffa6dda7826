import { expect, it } from "vitest";
import { dateGroup, groupByDate, splitPinned } from "./dateGroups";

const now = new Date(2026, 2, 31, 0, 30);
const on = (month: number, day: number, hour = 12) =>
  new Date(2026, month, day, hour).toISOString();

it.each([
  [on(2, 31, 0), "today"],
  [on(3, 1), "today"], // a clock that is ahead
  [on(2, 30, 23), "yesterday"],
  [on(2, 24), "week"],
  [on(2, 23), "month"],
  [on(2, 1), "month"],
  [on(1, 27), "older"],
])("puts %s into %s", (time, group) => {
  expect(dateGroup(time, now)).toBe(group);
});

it("keeps the order within the groupByDate", () => {
  const items = [on(2, 31, 0), on(2, 30), on(2, 30, 1)].map((updated_at) => ({ updated_at }));
  expect(groupByDate(items, now).map(({ group, items: own }) => [group, own.length])).toEqual([
    ["today", 1],
    ["yesterday", 2],
  ]);
});

it("takes the pinned ones out, the last active first in both, whatever the order they come in", () => {
  const items = [
    { id: 1, updated_at: "2026-03-01T09:00:00+09:00", pinned: false },
    { id: 2, updated_at: "2026-03-02T09:00:00+09:00", pinned: true },
    { id: 3, updated_at: "2026-03-02T01:00:00+00:00", pinned: true },
    { id: 4, updated_at: "2026-03-03T09:00:00+09:00" },
  ];
  const { pinned, others } = splitPinned(items);
  expect(pinned.map(({ id }) => id)).toEqual([3, 2]);
  expect(others.map(({ id }) => id)).toEqual([4, 1]);
});
