/** The events of an answer (WHATWG server-sent events over fetch), as the server writes them. */
import { createParser } from "eventsource-parser";
import type { Chat } from "@/api/client";
import type { Problem } from "@/api/problem";

/** Code points `start` to `end` of the streamed text said `from`; stored is `to`. */
export interface Correction {
  start: number;
  end: number;
  from: string;
  to: string;
}

export type StreamEvent =
  | { type: "START"; stream_id: string; chat: number }
  | { type: "CHUNK"; content: string }
  | { type: "END"; full_content: string; corrections: Correction[]; chat: Chat }
  | { type: "ERROR"; problem: Problem; chat: Chat | null };

export interface Numbered {
  id: string | undefined;
  event: StreamEvent;
}

/** Longer than two of the server's heartbeats: a connection this silent is dead. */
export const SILENCE_MS = 40_000;

/** Yields the events of a response until it closes. Throws when the connection breaks, or has been
 * silent for `silence` milliseconds.
 */
export async function* readEvents(
  response: Response,
  silence = SILENCE_MS,
): AsyncGenerator<Numbered> {
  const found: Numbered[] = [];
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
      const { done, value } = await within(reader.read(), silence);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* found.splice(0);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError("the stream fell silent")), milliseconds);
  });
  return Promise.race([promise, silent]).finally(() => clearTimeout(timer));
}
