/** Groups of a list by date, in the user's time zone. */
export type DateGroup = "today" | "yesterday" | "week" | "month" | "older";

export function dateGroup(time: string, now = new Date()): DateGroup {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const then = new Date(time);
  const day = new Date(then.getFullYear(), then.getMonth(), then.getDate());
  const days = Math.round((midnight.getTime() - day.getTime()) / 86_400_000);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days <= 7) return "week";
  return days <= 30 ? "month" : "older";
}

/** The pinned ones, and the others; the last active first in both. A change of the list shows at
 * once, before the server has sent it in the new order.
 */
export function splitPinned<T extends { updated_at: string; pinned?: boolean }>(
  items: readonly T[],
): { pinned: T[]; others: T[] } {
  const ordered = items.toSorted((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at));
  return {
    pinned: ordered.filter(({ pinned }) => pinned),
    others: ordered.filter(({ pinned }) => !pinned),
  };
}

/** Consecutive items of the same group; the order stays. */
export function groupByDate<T extends { updated_at: string }>(
  items: readonly T[],
  now = new Date(),
): { group: DateGroup; items: T[] }[] {
  const found: { group: DateGroup; items: T[] }[] = [];
  for (const item of items) {
    const group = dateGroup(item.updated_at, now);
    const last = found.at(-1);
    if (last?.group === group) last.items.push(item);
    else found.push({ group, items: [item] });
  }
  return found;
}
