import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isRendering, onRendered, useGradually } from "./useGradually";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});

function show(total: number, key = "a") {
  return renderHook(
    (given: { total: number; key: string }) => useGradually(given.total, 3, given.key),
    {
      initialProps: { total, key },
    },
  );
}

const task = () => act(() => vi.advanceTimersToNextTimer());

it("adds a step in each task, until all is there", () => {
  const { result } = show(20);
  const seen = [result.current];
  while (vi.getTimerCount() > 0) {
    task();
    seen.push(result.current);
  }
  expect([...new Set(seen)]).toEqual([0, 3, 6, 9, 12, 15, 20]);
});

it("gives at once what adds little, and begins anew for something else", () => {
  const { result, rerender } = show(2);
  for (let total = 3; total < 40; total += 3) {
    rerender({ total, key: "a" });
    expect(result.current).toBe(total);
  }
  rerender({ total: 100, key: "a" });
  expect(result.current).toBe(39);
  task();
  expect(result.current).toBe(42);
  rerender({ total: 100, key: "b" });
  expect(result.current).toBe(0);
});

it("completes one list before it goes on with the next", () => {
  const first = show(12);
  const second = show(12);
  const seen = [];
  do {
    seen.push([first.result.current, second.result.current]);
    task();
  } while (vi.getTimerCount() > 0);
  seen.push([first.result.current, second.result.current]);
  expect(seen).toEqual([
    [0, 0],
    [3, 0],
    [6, 0],
    [12, 0],
    [12, 3],
    [12, 6],
    [12, 12],
  ]);
});

it("tells of each task, and whether more is to come", () => {
  const seen: boolean[] = [];
  const end = onRendered(() => seen.push(isRendering()));
  show(8);
  expect(isRendering()).toBe(true);
  task();
  task();
  end();
  expect(seen).toEqual([true, false]);
});

it("gives all before a print", () => {
  const { result } = show(10);
  act(() => {
    dispatchEvent(new Event("beforeprint"));
  });
  expect(result.current).toBe(10);
});
