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

/** Moves a draft to another conversation, before a draft that is already there. */
export function moveDraft(from: string, to: string): void {
  const text = readDraft(from);
  saveDraft(from, "");
  if (text) restoreDraft(to, text);
}

/** Puts back a text that could not be sent, before what was typed since. */
export function restoreDraft(key: string, text: string): void {
  const since = readDraft(key).trim();
  saveDraft(key, since && since !== text.trim() ? `${text}\n\n${since}` : text);
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
