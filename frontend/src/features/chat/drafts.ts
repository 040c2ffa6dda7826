/** Drafts of questions, one per conversation id (or `new`), on this device only. */
const PREFIX = "daesa.draft.";
/** Without storage, or when it is full, drafts last until the page is closed. */
const memory = new Map<string, string>();

export function readDraft(key: string): string {
  const known = memory.get(key);
  if (known !== undefined) return known;
  try {
    return localStorage.getItem(PREFIX + key) ?? "";
  } catch {
    return "";
  }
}

export function saveDraft(key: string, text: string): void {
  memory.set(key, text);
  try {
    if (text) localStorage.setItem(PREFIX + key, text);
    else localStorage.removeItem(PREFIX + key);
  } catch {
    // It is in memory.
  }
}

/** Moves a draft, and what was put aside for it, to another conversation, before a draft that is
 * already there.
 */
export function moveDraft(from: string, to: string): void {
  for (const [old, next] of [
    [from, to],
    [asideKey(from), asideKey(to)],
  ] as const) {
    const text = readDraft(old);
    saveDraft(old, "");
    if (text) restoreDraft(next, text);
  }
}

/** Puts back a text that could not be sent, before what was typed since. */
export function restoreDraft(key: string, text: string): void {
  const since = readDraft(key).trim();
  saveDraft(key, since && since !== text.trim() ? `${text}\n\n${since}` : text);
}

const asideKey = (key: string) => `aside.${key}`;
/** Texts that the page itself has put into the field. If unchanged, they are not a draft of the user. */
const insertedKey = (key: string) => `inserted.${key}`;

/** The draft that `replaceDraft` has put aside, "" if there is none. */
export function readAside(key: string): string {
  return readDraft(asideKey(key));
}

/** Replaces a draft by a text that the user has not typed. The draft is put aside. */
export function replaceDraft(key: string, text: string): void {
  const before = readDraft(key);
  const isOwn = before.trim() !== "" && before !== readDraft(insertedKey(key));
  if (isOwn && before !== text) restoreDraft(asideKey(key), before);
  saveDraft(insertedKey(key), text);
  saveDraft(key, text);
}

/** Makes the text that was put aside the draft again. A changed text in its place is put aside. */
export function putBack(key: string): void {
  const text = readAside(key);
  saveDraft(asideKey(key), "");
  replaceDraft(key, text);
  saveDraft(insertedKey(key), "");
}

/** Deletes all drafts: they are personal, and another user may use this device next. */
export function clearDrafts(): void {
  memory.clear();
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX)) localStorage.removeItem(name);
    }
  } catch {
    // Nothing was stored.
  }
}
