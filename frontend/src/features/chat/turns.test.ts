import { renderHook, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { problemOf } from "@/api/apiError";
import { queryClient } from "@/api/queries";
import { at, chat, frames, problemResponse, reply, server, stream } from "@/test/server";
import { conversationQuery } from "./api";
import { useDroppedWords } from "./droppedWords";
import type { StreamEvent } from "./streamEvents";
import { useTurns, useTurnText } from "./turnStore";
import { ask, continueAnswer, type Outcome, onTurnEnd, resume, stop } from "./turns";

const START = { type: "START", stream_id: "s-1", chat: 1 } as const;
const done = chat({ chat_reply: reply({ content: "Hello there" }) });
const END: StreamEvent = {
  type: "END",
  full_content: "Hello there",
  corrections: [],
  chat: done,
};
const streaming = chat({ chat_reply: reply({ status: "streaming", stream_id: "s-1" }) });

let outcomes: Outcome[];
let forget: () => void;

beforeEach(() => {
  outcomes = [];
  forget = onTurnEnd((outcome) => outcomes.push(outcome));
  server.use(
    http.get(at("/chat/1"), () => HttpResponse.json(streaming)),
    http.get(at("/conversations"), () => HttpResponse.json({ results: [] })),
  );
});
afterEach(() => forget());

const stored = () => queryClient.getQueryData(conversationQuery(7).queryKey);

it("sends an idempotency key and a CSRF token, and stores the answer", async () => {
  let headers = new Headers();
  server.use(
    http.post(at("/chat"), ({ request }) => {
      headers = request.headers;
      return stream([
        frames([[0, START]]),
        frames([[5, { type: "CHUNK", content: "Hello" }]]),
        frames([[12, END]]),
      ]);
    }),
  );
  ask({ content: "A question" }, () => {});
  await waitFor(() => expect(outcomes).toEqual([{ chat: done, problem: null }]));
  expect(headers.get("Accept")).toBe("text/event-stream");
  expect(headers.get("X-CSRFToken")).toBe("token-of-the-test");
  expect(headers.get("Idempotency-Key")).toMatch(/^"[0-9a-f]{32}"$/);
  expect(stored()?.chats).toEqual([done]);
});

it("shows the stored text at the end, where it differs from what was streamed", async () => {
  const repaired = chat({ chat_reply: reply({ content: "“Be silent”" }) });
  const correction = { start: 4, end: 11, from: "violent", to: "silent" };
  const end: StreamEvent = {
    type: "END",
    full_content: "“Be silent”",
    corrections: [correction],
    chat: repaired,
  };
  server.use(
    http.post(at("/chat"), () =>
      stream([
        frames([[0, START]]),
        frames([[12, { type: "CHUNK", content: "“Be violent”" }]]),
        frames([[13, end]]),
      ]),
    ),
  );
  const key = ask({ content: "A question" }, () => {});
  const { result } = renderHook(() => useTurnText(key));
  await waitFor(() => expect(outcomes).toEqual([{ chat: repaired, problem: null }]));
  expect(stored()?.chats).toEqual([repaired]);
  await waitFor(() => expect(result.current).toBe(""));
});

it("continues after the last event when the connection breaks", async () => {
  const seen: (string | null)[] = [];
  server.use(
    http.post(at("/chat"), () =>
      stream([frames([[0, START]]), frames([[5, { type: "CHUNK", content: "Hello" }]])], {
        breaks: true,
      }),
    ),
    http.get(at("/chat/stream/s-1"), ({ request }) => {
      seen.push(request.headers.get("Last-Event-ID"));
      return stream([frames([[11, { type: "CHUNK", content: " there" }]]), frames([[12, END]])]);
    }),
  );
  const key = ask({ content: "A question" }, () => {});
  const { result } = renderHook(() => useTurnText(key));
  await waitFor(() => expect(result.current).toBe("Hello"));
  await waitFor(() => expect(outcomes).toHaveLength(1));
  expect(seen).toEqual(["5"]);
});

it("gives an error to the caller, and removes the question", async () => {
  server.use(http.post(at("/chat"), () => problemResponse(429, "quota_exhausted", "Used up.")));
  const onError = vi.fn();
  ask({ content: "A question" }, onError);
  const { result } = renderHook(useTurns);
  expect(result.current).toHaveLength(1);
  await waitFor(() => expect(onError).toHaveBeenCalledOnce());
  expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: "quota_exhausted" });
  expect(result.current).toHaveLength(0);
});

it("asks again with the same key after a network error", async () => {
  const keys: (string | null)[] = [];
  server.use(
    http.post(at("/chat"), ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      if (keys.length < 5) return HttpResponse.error();
      return stream([frames([[0, START]]), frames([[12, END]])]);
    }),
  );
  const onError = vi.fn();
  ask({ content: "A question" }, onError);
  await waitFor(() => expect(onError).toHaveBeenCalledOnce());
  ask({ content: "A question" }, onError);
  await waitFor(() => expect(outcomes).toHaveLength(1));
  expect(keys.length).toBe(5);
  expect(new Set(keys).size).toBe(1);
});

it("resumes after an error that is not the answer's own", async () => {
  const problem = { code: "database_unavailable", status: 503, detail: "Away." } as never;
  const interrupted = frames([
    [0, START],
    [5, { type: "CHUNK", content: "Hello" }],
    [5, { type: "ERROR", problem, chat: null }],
  ]);
  const seen: (string | null)[] = [];
  server.use(
    http.post(at("/chat"), () => stream([interrupted])),
    http.get(at("/chat/stream/s-1"), ({ request }) => {
      seen.push(request.headers.get("Last-Event-ID"));
      return stream([frames([[12, END]])]);
    }),
  );
  ask({ content: "A question" }, () => {});
  await waitFor(() => expect(outcomes).toEqual([{ chat: done, problem: null }]));
  expect(seen).toEqual(["5"]);
});

it("gives the server's problem when an answer fails", async () => {
  const failed = chat({ chat_reply: reply({ status: "failed" }) });
  const problem = { code: "upstream_timeout", detail: "Too slow." } as never;
  server.use(
    http.post(at("/chat"), () =>
      stream([frames([[0, START]]), frames([[1, { type: "ERROR", problem, chat: failed }]])]),
    ),
  );
  ask({ content: "A question" }, () => {});
  await waitFor(() => expect(outcomes).toEqual([{ chat: failed, problem }]));
  expect(stored()?.chats).toEqual([failed]);
});

it("resumes an answer that began before the page was opened, once", async () => {
  const opened = vi.fn();
  server.use(
    http.get(at("/chat/stream/s-1"), ({ request }) => {
      opened(request.headers.get("Last-Event-ID"));
      return stream([frames([[0, START]]), frames([[12, END]])]);
    }),
  );
  resume(streaming);
  resume(streaming);
  await waitFor(() => expect(outcomes).toHaveLength(1));
  expect(opened.mock.calls).toEqual([[null]]);
});

it("fetches the answer when the stream has no events left", async () => {
  server.use(
    http.get(at("/chat/stream/s-1"), () => new HttpResponse(null, { status: 204 })),
    http.get(at("/chat/1"), () => HttpResponse.json(done)),
  );
  resume(streaming);
  await waitFor(() => expect(outcomes).toEqual([{ chat: done, problem: null }]));
});

it("stops at the server, also before the answer has begun", async () => {
  const stopped = vi.fn();
  server.use(
    http.post(at("/chat"), async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return stream([frames([[0, START]])], { breaks: true });
    }),
    http.delete(at("/chat/stream/s-1"), () => {
      stopped();
      return new HttpResponse(null, { status: 204 });
    }),
    http.get(at("/chat/stream/s-1"), () => stream([frames([[12, END]])])),
  );
  const key = ask({ content: "A question" }, () => {});
  stop(key);
  await waitFor(() => expect(stopped).toHaveBeenCalledOnce());
  await waitFor(() => expect(outcomes).toHaveLength(1));
});

it("goes on with an answer without showing less of it meanwhile", async () => {
  const begun = reply({ id: 3, content: "Hello", cut_off: "length" });
  const sent: unknown[] = [];
  const shown: [number, string][] = [];
  server.use(
    http.post(at("/chat/1/continue"), async ({ request }) => {
      sent.push(await request.json(), request.headers.get("Idempotency-Key"));
      return stream([
        frames([[0, START]]),
        frames([[5, { type: "CHUNK", content: "Hello" }]]),
        frames([[11, { type: "CHUNK", content: " there" }]]),
        frames([[12, END]]),
      ]);
    }),
  );
  renderHook(() => {
    const [turn] = useTurns();
    const text = useTurnText(turn?.key ?? "");
    if (turn) shown.push([turn.begun, text]);
  });
  continueAnswer(chat({ chat_reply: begun }), () => {});
  await waitFor(() => expect(outcomes).toEqual([{ chat: done, problem: null }]));
  expect(sent).toEqual([{ reply: 3 }, expect.stringMatching(/^"[0-9a-f]{32}"$/)]);
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.every(([begun, text]) => begun === 5 && text.startsWith("Hello"))).toBe(true);
});

it("keeps the words of a continuation that failed", async () => {
  const continuation = { available: true, units: 0, charged: false, error_code: "upstream_failed" };
  const failed = chat({ chat_reply: reply({ content: "Hello", stream_id: "s-1", continuation }) });
  const problem = problemOf("upstream_failed", 502);
  server.use(
    http.post(at("/chat/1/continue"), () =>
      stream([
        frames([[0, START]]),
        frames([[5, { type: "CHUNK", content: "Hello" }]]),
        frames([[11, { type: "CHUNK", content: " there" }]]),
        frames([[12, { type: "ERROR", problem, chat: failed }]]),
      ]),
    ),
  );
  continueAnswer(chat({ chat_reply: reply({ content: "Hello" }) }), () => {});
  await waitFor(() => expect(outcomes).toEqual([{ chat: failed, problem }]));
  expect(renderHook(() => useDroppedWords("s-1")).result.current).toBe("there");
});

it("tells the caller that an answer is not continued", async () => {
  server.use(http.post(at("/chat/1/continue"), () => problemResponse(409, "already_continued")));
  const onError = vi.fn();
  continueAnswer(chat({ chat_reply: reply({ content: "Hello" }) }), onError);
  await waitFor(() =>
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: "already_continued" }),
  );
});
