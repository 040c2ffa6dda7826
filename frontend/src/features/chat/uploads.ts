/** Uploading files for a question. Loaded with the first one. */
import { errorFromResponse } from "@/api/apiError";
import { BASE, send } from "@/api/client";
import { type Attachment, type PendingFile, pendingFiles, setPendingFiles } from "./files";

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

/** What the server has made of a file. Throws an ApiError. */
export async function upload(file: File): Promise<Attachment> {
  const body = new FormData();
  body.append("file", file);
  body.append("name", file.name); // the form itself changes some characters of names
  const headers = { Accept: "application/json" };
  const response = await send(`${BASE}/attachments`, { method: "POST", headers, body });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw errorFromResponse(response, answer);
  return answer;
}
