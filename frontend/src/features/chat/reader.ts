/** Reads one answer to its end, over as many connections as that takes. */
import { asRefusal, Refusal } from "@/api/problem";
import { readEvents, type StreamEvent } from "./events";

export interface Following {
  /** Opens a connection; `lastId` is the last event that was seen, if any. */
  open: (lastId: string | undefined, signal: AbortSignal) => Promise<Response>;
  onEvent: (event: StreamEvent) => void;
  /** There is nothing more to tell: the server holds the whole answer already. */
  onNothingNew: () => void;
  onReconnecting: (reconnecting: boolean) => void;
  signal: AbortSignal;
  /** How often a connection is tried again before its refusal is given to the caller. */
  attempts: () => number;
}

const LONGEST_WAIT = 8_000;

/** Resolves at the end of the answer. Throws the `Refusal` that cannot be waited out. */
export async function follow(following: Following): Promise<void> {
  let lastId: string | undefined;
  let failures = 0;
  while (!following.signal.aborted) {
    try {
      const response = await following.open(lastId, following.signal);
      if (response.status === 204) {
        following.onNothingNew();
        return;
      }
      for await (const { id, event } of readEvents(response)) {
        failures = 0;
        following.onReconnecting(false);
        lastId = id ?? lastId;
        following.onEvent(event);
        if (event.type === "END" || event.type === "ERROR") return;
      }
    } catch (error) {
      if (following.signal.aborted) return;
      if (error instanceof Refusal && !isPassing(error)) throw error;
      if (failures >= following.attempts()) throw asRefusal(error);
    }
    failures += 1;
    following.onReconnecting(true);
    await pause(Math.min(LONGEST_WAIT, 250 * 2 ** failures), following.signal);
  }
}

/** A session that ended comes back when its person signs in again; the answer goes on meanwhile. */
function isPassing(refusal: Refusal): boolean {
  return refusal.code === "network" || refusal.status >= 500;
}

/** Waits, but no longer than until there is reason for hope: back online, or back in sight. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      document.removeEventListener("visibilitychange", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
    document.addEventListener("visibilitychange", end);
    signal.addEventListener("abort", end);
  });
}
