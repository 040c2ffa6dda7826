/** Rendering a long list in many short tasks, between which the page reacts to its user. */
import { useEffect, useReducer, useRef } from "react";
import { flushSync } from "react-dom";

const waiting = new Set<() => void>();
const listeners = new Set<() => void>();
let isScheduled = false;

/** How many of `total` items are rendered now: `step` more after each task, until all are. An
 * addition of at most one step is rendered at once. Of more items, none is rendered together with
 * what they stand in. Another `key` starts again. Printing waits for all of them.
 */
export function useGradually(total: number, step: number, key: unknown = null): number {
  const reached = useRef({ of: key, count: 0 });
  const [, renderAgain] = useReducer((times: number) => times + 1, 0);
  const before = reached.current.of === key ? reached.current.count : 0;
  const shown = total <= before + step ? total : before;
  useEffect(() => {
    reached.current = { of: key, count: shown };
    if (shown >= total) return;
    return later(() => {
      reached.current = { of: key, count: shown + step };
      renderAgain();
    });
  }, [key, shown, total, step]);
  return shown;
}

/** Runs the action in a task of its own. Returns a function that cancels it. */
function later(action: () => void): () => void {
  waiting.add(action);
  schedule();
  return () => waiting.delete(action);
}

function schedule(): void {
  if (isScheduled || waiting.size === 0) return;
  isScheduled = true;
  setTimeout(() => {
    isScheduled = false;
    next();
    schedule();
  });
}

/** What an action leads to comes before what was waiting already, so that an answer is complete
 * before the next one begins.
 */
function next(): void {
  const [action, ...others] = waiting;
  if (!action) return;
  waiting.delete(action);
  flushSync(action);
  for (const other of others) if (waiting.delete(other)) waiting.add(other);
  for (const listener of listeners) listener();
}

/** Whether something is still to be rendered. */
export function isRendering(): boolean {
  return waiting.size > 0;
}

/** Calls the listener after each such task, before the browser lays out what is new. Returns a
 * function that ends it.
 */
export function onRendered(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Renders at once what is waiting. */
export function renderAll(): void {
  while (waiting.size > 0) next();
}

addEventListener("beforeprint", renderAll);
