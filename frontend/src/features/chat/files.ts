/** Files that are to go with a question: one list for each draft. They last until the page is closed;
 * the server deletes those that no question was asked with.
 */
import type { Schemas } from "@/api/client";
import { onClearPersonalData } from "@/api/personalData";
import { createStore, useStore } from "@/createStore";

export type Attachment = Schemas["Attachment"];

export interface PendingFile {
  readonly key: string;
  readonly name: string;
  /** What the server has made of it; null until it is uploaded. */
  readonly attachment: Attachment | null;
  /** Why the server has refused it. */
  readonly error: unknown;
}

export const MOST_FILES = 4;
const NONE: readonly PendingFile[] = [];
const store = createStore<ReadonlyMap<string, readonly PendingFile[]>>(new Map());

export function usePendingFiles(draft: string): readonly PendingFile[] {
  return useStore(store, (all) => all.get(draft) ?? NONE);
}

export function pendingFiles(draft: string): readonly PendingFile[] {
  return store.get().get(draft) ?? NONE;
}

export function setPendingFiles(draft: string, files: readonly PendingFile[]): void {
  store.set(new Map(store.get()).set(draft, files));
}

let added = 0; // files of this page

/** Adds a file at once, so that no question is sent without it while it is uploaded. Returns its key,
 * or null if the draft has as many files as a question may have.
 */
export function addPendingFile(draft: string, name: string): string | null {
  const before = pendingFiles(draft);
  if (before.length >= MOST_FILES) return null;
  const key = `${++added}`;
  setPendingFiles(draft, [...before, { key, name, attachment: null, error: null }]);
  return key;
}

/** Changes a file in whichever draft it is: it may have moved while it was uploaded. */
export function changePendingFile(key: string, change: Partial<PendingFile>): void {
  const drafts = [...store.get()].map(
    ([draft, files]) =>
      [draft, files.map((one) => (one.key === key ? { ...one, ...change } : one))] as const,
  );
  store.set(new Map(drafts));
}

/** The draft's files that are uploaded; the draft has none then. */
export function takeFiles(draft: string): readonly Attachment[] {
  const files = pendingFiles(draft);
  if (files.length > 0) setPendingFiles(draft, NONE);
  return files.flatMap(({ attachment }) => attachment ?? []);
}

/** Gives files back to the draft of a question that could not be asked. */
export function putFilesBack(draft: string, attachments: readonly Attachment[]): void {
  if (attachments.length === 0) return;
  const since = pendingFiles(draft);
  const back = attachments.map((one) => ({
    key: `back-${one.id}`,
    name: one.name,
    attachment: one,
    error: null,
  }));
  setPendingFiles(draft, [...back, ...since].slice(0, MOST_FILES));
}

export function moveFiles(from: string, to: string): void {
  const files = pendingFiles(from);
  if (files.length === 0) return;
  setPendingFiles(from, NONE);
  setPendingFiles(to, [...files, ...pendingFiles(to)].slice(0, MOST_FILES));
}

export function contentUrl({ links }: Attachment): string {
  return links.find(({ rel }) => rel === "content")?.href ?? "";
}

onClearPersonalData(() => store.set(new Map()));
