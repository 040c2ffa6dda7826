import type { Quote } from "@/api/client";

/** The line in quotation marks, and who says it where. */
export function withSource({ content, speaker, source }: Quote): string {
  const from = [speaker, source].filter(Boolean).join(", ");
  return from ? `“${content}”\n— ${from}` : `“${content}”`;
}
