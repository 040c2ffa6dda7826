import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { createStore, useStore } from "./createStore";

it("notifies its listeners of a change, and of nothing else", () => {
  const store = createStore(1);
  const listener = vi.fn();
  const unsubscribe = store.subscribe(listener);
  store.set(1);
  expect(listener).not.toHaveBeenCalled();
  store.set(2);
  expect(listener).toHaveBeenCalledOnce();
  expect(store.get()).toBe(2);
  unsubscribe();
  store.set(3);
  expect(listener).toHaveBeenCalledOnce();
});

it("renders a reader again only when its part has changed", () => {
  const store = createStore({ a: 1, b: 1 });
  const render = vi.fn(() => useStore(store, ({ a }) => a));
  const { result, unmount } = renderHook(render);
  act(() => store.set({ a: 1, b: 2 }));
  expect(render).toHaveBeenCalledOnce();
  act(() => store.set({ a: 2, b: 2 }));
  expect(result.current).toBe(2);
  unmount();
  store.set({ a: 3, b: 3 });
  expect(render).toHaveBeenCalledTimes(2);
});
