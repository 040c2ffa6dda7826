import { useSyncExternalStore } from "react";
import type { components } from "./schema";

/** Today's allowance, as the last answer of the server told it (IETF draft: RateLimit fields). */
export type Quota = components["schemas"]["Quota"];

let current: Quota | null = null;
const listeners = new Set<() => void>();

export function setQuota(quota: Quota | null): void {
  if (JSON.stringify(quota) === JSON.stringify(current)) return;
  current = quota;
  for (const listener of listeners) listener();
}

/** Takes the allowance from an answer's headers, where it has any. */
export function noteQuota(headers: Headers, now = Date.now()): void {
  const found = quotaOf(headers, now);
  if (!found) return;
  // Seconds are coarse: the same midnight must not look like a new one with every answer.
  const drift = current ? Math.abs(+new Date(current.resets_at) - +new Date(found.resets_at)) : 1e9;
  setQuota(drift < 5000 && current ? { ...found, resets_at: current.resets_at } : found);
}

export function quotaOf(headers: Headers, now: number): Quota | null {
  const left = /r=(\d+);t=(\d+)/.exec(headers.get("RateLimit") ?? "");
  const policy = /q=(\d+)/.exec(headers.get("RateLimit-Policy") ?? "");
  if (!left || !policy) return null;
  const remaining = Number(left[1]);
  const limit = Number(policy[1]);
  const resets = new Date(now + Number(left[2]) * 1000);
  // The field rounds up to whole seconds; the day turns at a whole minute.
  resets.setSeconds(0, 0);
  return {
    limit,
    remaining,
    used: Math.max(0, limit - remaining),
    resets_at: resets.toISOString(),
  };
}

export function useQuota(): Quota | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
