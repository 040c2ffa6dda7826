/** Rendering much in many short tasks, between which the page answers its user. */
import { useEffect, useReducer, useRef } from "react";
import { flushSync } from "react-dom";

const waiting = new Set<() => void>();
let isScheduled = false;

/** How much of `total` is to be rendered: `step` more after each task, until all is there. What adds
 * no more than a step is there at once. With another `key` it begins anew. A print waits for all.
 */
export function useGradually(total: number, step: number, key: unknown = null): number {
  const reached = useRef({ of: key, count: step });
  const [, renderAgain] = useReducer((times: number) => times + 1, 0);
  const before = reached.current.of === key ? reached.current.count : step;
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

/** Runs the action in a task of its own. Returns a function that takes it back. */
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

function next(): void {
  const [action] = waiting;
  if (!action) return;
  waiting.delete(action);
  flushSync(action);
}

/** Renders at once what is waiting. */
export function renderAll(): void {
  while (waiting.size > 0) next();
}

addEventListener("beforeprint", renderAll);
