import { createStore, useStore } from "@/createStore";
import type { components } from "./schema";

/** Today's quota, as of the last response (IETF draft: RateLimit fields). */
export type Quota = components["schemas"]["Quota"];

const store = createStore<Quota | null>(null);

export function setQuota(quota: Quota | null): void {
  if (JSON.stringify(quota) !== JSON.stringify(store.get())) store.set(quota);
}

/** Stores the quota from a response's headers, if they have it. */
export function noteQuota(headers: Headers, now = Date.now()): void {
  const found = quotaOf(headers, now);
  if (!found) return;
  // The header has whole seconds, so the computed midnight differs by some: keep the first one.
  const current = store.get();
  const drift = current ? Math.abs(+new Date(current.resets_at) - +new Date(found.resets_at)) : 1e9;
  setQuota(drift < 5000 && current ? { ...found, resets_at: current.resets_at } : found);
}

export function quotaOf(headers: Headers, now: number): Quota | null {
  // The same fields also carry other limits: the site's daily one, or writes per minute.
  const left = /"daily";r=(\d+);t=(\d+)/.exec(headers.get("RateLimit") ?? "");
  const policy = /"daily";q=(\d+)/.exec(headers.get("RateLimit-Policy") ?? "");
  if (!left || !policy) return null;
  const remaining = Number(left[1]);
  const limit = Number(policy[1]);
  const resets = new Date(now + Number(left[2]) * 1000);
  // The header rounds up to whole seconds; midnight is at a whole minute.
  resets.setSeconds(0, 0);
  return {
    limit,
    remaining,
    used: Math.max(0, limit - remaining),
    resets_at: resets.toISOString(),
  };
}

export function useQuota(): Quota | null {
  return useStore(store);
}
