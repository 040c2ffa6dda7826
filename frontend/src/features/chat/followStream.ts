/** Reads one answer to its end, over as many connections as it takes. */
import { ApiError, asApiError } from "@/api/apiError";
import { readEvents, type StreamEvent } from "./streamEvents";

export interface FollowOptions {
  /** Opens a connection; `lastId` is the id of the last event received, if any. */
  open: (lastId: string | undefined, signal: AbortSignal) => Promise<Response>;
  onEvent: (event: StreamEvent) => void;
  /** The server answered 204: the answer has ended, and no event is left. */
  onNoContent: () => void;
  onReconnecting: (reconnecting: boolean) => void;
  signal: AbortSignal;
  /** How many failed connections in a row are allowed. */
  attempts: () => number;
}

const MAX_WAIT_MS = 8_000;

/** Resolves at the end of the answer. Throws an `ApiError` that is not transient, or the last one
 * when the attempts are used up.
 */
export async function followStream(options: FollowOptions): Promise<void> {
  let lastId: string | undefined;
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      const response = await options.open(lastId, options.signal);
      if (response.status === 204) {
        options.onNoContent();
        return;
      }
      for await (const { id, event } of readEvents(response)) {
        failures = 0;
        options.onReconnecting(false);
        lastId = id ?? lastId;
        if (event.type === "ERROR" && isInterruption(event)) throw new ApiError(event.problem);
        options.onEvent(event);
        if (event.type === "END" || event.type === "ERROR") return;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      if (error instanceof ApiError && !isTransient(error)) throw error;
      if (failures >= options.attempts()) throw asApiError(error);
    }
    failures += 1;
    options.onReconnecting(true);
    await pause(Math.min(MAX_WAIT_MS, 250 * 2 ** failures), options.signal);
  }
}

/** The server could not read the answer, which goes on: ERROR of an ended answer has its chat. */
function isInterruption({ chat, problem }: StreamEvent & { type: "ERROR" }): boolean {
  return chat === null && problem.status === 503;
}

/** A 401 is not transient: `allowResuming` is called when the user has signed in again. */
function isTransient(error: ApiError): boolean {
  return error.code === "network" || error.status >= 500;
}

/** Waits, at most until the browser is online again or the tab becomes visible. */
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
