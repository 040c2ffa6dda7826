/** What is written but not sent, per conversation, on this device only. */
const PREFIX = "daesa.draft.";
/** Where storage is closed or full, drafts last as long as the page. */
const here = new Map<string, string>();

export function readDraft(place: string): string {
  const known = here.get(place);
  if (known !== undefined) return known;
  try {
    return localStorage.getItem(PREFIX + place) ?? "";
  } catch {
    return "";
  }
}

export function keepDraft(place: string, text: string): void {
  here.set(place, text);
  try {
    if (text) localStorage.setItem(PREFIX + place, text);
    else localStorage.removeItem(PREFIX + place);
  } catch {
    // It is kept in memory.
  }
}

/** What was written for one place goes on at another, behind what stands there. */
export function moveDraft(from: string, to: string): void {
  const text = readDraft(from);
  keepDraft(from, "");
  if (text) putBack(to, text);
}

/** Text that was not taken comes back before what was written since. */
export function putBack(place: string, text: string): void {
  const since = readDraft(place).trim();
  keepDraft(place, since && since !== text.trim() ? `${text}\n\n${since}` : text);
}

/** Drafts are personal: nothing stays for the next one at this machine. */
export function forgetDrafts(): void {
  here.clear();
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX)) localStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept then.
  }
}
