/** The words of failed continuations, by stream: the server does not store them, but the reader has
 * seen them. Kept until the page is reloaded.
 */
import { onClearPersonalData } from "@/api/personalData";
import { createStore, useStore } from "@/createStore";

const MOST = 20;
/** Characters of the answer's end by which it is found in the text that was streamed. */
const END = 40;
/** By how many characters the length of a corrected answer may differ. */
const CORRECTED = 400;

const dropped = createStore<ReadonlyMap<string, string>>(new Map());

onClearPersonalData(() => dropped.set(new Map()));

/** "" if nothing was dropped, or the page has not seen it. */
export function useDroppedWords(stream: string): string {
  return useStore(dropped, (all) => all.get(stream) ?? "");
}

export function keepDroppedWords(stream: string, kept: string, streamed: string): void {
  const words = wordsAfter(kept, streamed).trim();
  if (words) dropped.set(new Map([...[...dropped.get()].slice(1 - MOST), [stream, words]]));
}

/** What was streamed after the answer that is kept. Its quotations may have been corrected since, so
 * its end is looked for near where it would be without that.
 */
export function wordsAfter(kept: string, streamed: string): string {
  const end = kept.slice(-END);
  const expected = kept.length - end.length;
  let place = expected;
  let nearest = CORRECTED;
  let at = streamed.indexOf(end, Math.max(0, expected - CORRECTED));
  while (at >= 0 && at - expected < nearest) {
    [place, nearest] = [at, Math.abs(at - expected)];
    at = streamed.indexOf(end, at + 1);
  }
  return streamed.slice(place + end.length);
}
