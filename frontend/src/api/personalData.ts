/** Personal data that this browser keeps: each module that keeps some registers how to clear it. */
const cleaners = new Set<() => void>();

/** Registers a function that `clearPersonalData` calls. */
export function onClearPersonalData(cleaner: () => void): void {
  cleaners.add(cleaner);
}

/** Called when the user signs out, leaves, or deletes all conversations. */
export function clearPersonalData(): void {
  for (const cleaner of cleaners) cleaner();
}
