/** What models have thought before they answered, by stream; kept until the page is reloaded. */
import { onClearPersonalData } from "@/api/personalData";
import { createStore, useStore } from "@/createStore";

export interface Thought {
  readonly text: string;
  /** When it began, by this machine's clock. */
  readonly since: number;
  /** How long it took; null while it goes on. */
  readonly seconds: number | null;
}

/** The server sends at most 32,768 characters of each. */
const MOST = 50;

const thoughts = createStore<ReadonlyMap<string, Thought>>(new Map());

onClearPersonalData(() => thoughts.set(new Map()));

export function useThought(stream: string): Thought | undefined {
  return useStore(thoughts, (all) => all.get(stream));
}

/** Adds a part. A connection sends it from its beginning, so `start` is 0 or where the last ended. */
export function addThought(stream: string, start: number, content: string, seconds: number): void {
  const before = thoughts.get().get(stream);
  const text = start === 0 ? content : `${before?.text ?? ""}${content}`;
  const since = before?.since ?? Date.now() - seconds * 1000;
  keep(stream, { text, since, seconds: null });
}

/** The answer has begun, or ended without a text. */
export function endThought(stream: string): void {
  const known = thoughts.get().get(stream);
  if (known?.seconds === null) keep(stream, { ...known, seconds: secondsSince(known.since) });
}

export function secondsSince(time: number): number {
  return Math.max(1, Math.round((Date.now() - time) / 1000));
}

function keep(stream: string, thought: Thought): void {
  const all = [...thoughts.get()].filter(([name]) => name !== stream);
  thoughts.set(new Map([...all.slice(1 - MOST), [stream, thought]]));
}
