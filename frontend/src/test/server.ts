/** A mock of the API by MSW; the types of its responses come from schema.yaml. */
import { HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { problemOf } from "@/api/apiError";
import type { Chat, Reply } from "@/api/client";
import type { StreamEvent } from "@/features/chat/streamEvents";

export const server = setupServer();

export const at = (path: string) => `${location.origin}${path}`;

export function reply(change: Partial<Reply> = {}): Reply {
  return {
    id: 1,
    user: "alice@example.com",
    content: "",
    created_at: "2026-03-01T09:00:00+09:00",
    finished_at: null,
    status: "done",
    stream_id: "8a2ae5ad-0b0f-4c5e-9c4c-0f3a4c1f3a55",
    model: "fake",
    server: "",
    finish_reason: "stop",
    cut_off: "",
    error_code: "",
    charged: true,
    continuation: null,
    answered_from: null,
    follow_ups: null,
    usage: null,
    citations: [],
    judged: "all",
    ...change,
  };
}

export function chat(change: Partial<Chat> = {}): Chat {
  return {
    id: 1,
    user: "alice@example.com",
    content: "A question",
    created_at: "2026-03-01T09:00:00+09:00",
    updated_at: "2026-03-01T09:00:00+09:00",
    conversation: 7,
    parent: null,
    attachments: [],
    chat_reply: reply(),
    links: [],
    ...change,
  };
}

type Line = [id: number, event: StreamEvent];

export function frames(lines: Line[]): string {
  return lines
    .map(([id, event]) => `id: ${id}\nevent: chunk\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");
}

/** A response that streams the pieces and then closes, or breaks. */
export function stream(pieces: (string | Uint8Array)[], { breaks = false } = {}): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async start(controller) {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      if (breaks) controller.error(new TypeError("network"));
      else controller.close();
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

export function problemResponse(status: number, code: string, detail = code): Response {
  return HttpResponse.json(problemOf(code, status, detail), {
    status,
    headers: { "Content-Type": "application/problem+json" },
  });
}
