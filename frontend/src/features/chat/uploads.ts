/** Uploading files for a question. Loaded with the first one. */
import { asApiError, errorFromResponse } from "@/api/apiError";
import { BASE, send } from "@/api/client";
import {
  type Attachment,
  MOST_FILES,
  type PendingFile,
  pendingFiles,
  setPendingFiles,
} from "./files";
import { randomKey } from "./turnStore";

/** Adds files to a draft and uploads them; returns how many were too many. */
export function addFiles(draft: string, files: readonly File[]): number {
  const before = pendingFiles(draft);
  const taken = files.slice(0, MOST_FILES - before.length);
  const added = taken.map((file) => ({
    key: randomKey(),
    name: file.name,
    attachment: null,
    error: null,
  }));
  setPendingFiles(draft, [...before, ...added]);
  added.forEach(({ key }, at) => {
    const file = taken[at];
    if (file) upload(key, file);
  });
  return files.length - taken.length;

  async function upload(key: string, file: File): Promise<void> {
    try {
      change(draft, key, { attachment: await post(file) });
    } catch (error) {
      change(draft, key, { error: asApiError(error) });
    }
  }
}

/** Takes a file out of a draft, and deletes it at the server. */
export function removeFile(draft: string, { key, attachment }: PendingFile): void {
  setPendingFiles(
    draft,
    pendingFiles(draft).filter((one) => one.key !== key),
  );
  // What an earlier question has stays there. If this fails, the server deletes it a day later.
  if (attachment && attachment.chat === null) {
    send(`${BASE}/attachments/${attachment.id}`, { method: "DELETE" }).catch(() => {});
  }
}

function change(draft: string, key: string, next: Partial<PendingFile>): void {
  const files = pendingFiles(draft);
  setPendingFiles(
    draft,
    files.map((one) => (one.key === key ? { ...one, ...next } : one)),
  );
}

async function post(file: File): Promise<Attachment> {
  const body = new FormData();
  body.append("file", file);
  body.append("name", file.name); // the form itself changes some characters of names
  const headers = { Accept: "application/json" };
  const response = await send(`${BASE}/attachments`, { method: "POST", headers, body });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw errorFromResponse(response, answer);
  return answer;
}
