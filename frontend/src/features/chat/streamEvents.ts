/** The events of an answer: server-sent events (WHATWG), read by `fetch`. */
import { createParser } from "eventsource-parser";
import type { Problem } from "@/api/apiError";
import type { Chat } from "@/api/client";

/** The streamed text had `from` at the code points `start` to `end`; the stored text has `to`. */
export interface Correction {
  start: number;
  end: number;
  from: string;
  to: string;
}

export type StreamEvent =
  | { type: "START"; stream_id: string; chat: number }
  | { type: "CHUNK"; content: string }
  /** The first of a connection has the start 0. */
  | { type: "REASONING"; start: number; content: string; seconds: number }
  | { type: "END"; full_content: string; corrections: Correction[]; chat: Chat }
  | { type: "ERROR"; problem: Problem; chat: Chat | null };

export interface NumberedEvent {
  id: string | undefined;
  event: StreamEvent;
}

/** More than two keep-alive intervals of the server: a connection that is silent for longer is
 * dead.
 */
export const SILENCE_MS = 40_000;

/** Yields the events of a response until it closes. Throws when the connection breaks or is silent
 * for `silence` milliseconds.
 */
export async function* readEvents(
  response: Response,
  silence = SILENCE_MS,
): AsyncGenerator<NumberedEvent> {
  const found: NumberedEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, data }) => {
      found.push({ id, event: JSON.parse(data) as StreamEvent });
    },
  });
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  try {
    while (true) {
      const { done, value } = await withTimeout(reader.read(), silence);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* found.splice(0);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError("the stream fell silent")), milliseconds);
  });
  return Promise.race([promise, silent]).finally(() => clearTimeout(timer));
}
