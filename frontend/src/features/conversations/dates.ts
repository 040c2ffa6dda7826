/** In which heap of a dated list something lies, by the reader's own calendar. */
export type Heap = "today" | "yesterday" | "week" | "month" | "older";

export function heapOf(time: string, now = new Date()): Heap {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const then = new Date(time);
  const day = new Date(then.getFullYear(), then.getMonth(), then.getDate());
  const days = Math.round((midnight.getTime() - day.getTime()) / 86_400_000);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days <= 7) return "week";
  return days <= 30 ? "month" : "older";
}

/** Consecutive items of the same heap, in their own order. */
export function heaps<T extends { created_at: string }>(
  items: readonly T[],
  now = new Date(),
): { heap: Heap; items: T[] }[] {
  const found: { heap: Heap; items: T[] }[] = [];
  for (const item of items) {
    const heap = heapOf(item.created_at, now);
    const last = found.at(-1);
    if (last?.heap === heap) last.items.push(item);
    else found.push({ heap, items: [item] });
  }
  return found;
}
