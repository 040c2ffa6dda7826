import { expect, it } from "vitest";
import { frames, stream } from "@/test/server";
import { type NumberedEvent, readEvents } from "./streamEvents";

async function all(response: Response, silence?: number): Promise<NumberedEvent[]> {
  const found = [];
  for await (const one of readEvents(response, silence)) found.push(one);
  return found;
}

const lines = frames([
  [0, { type: "START", stream_id: "s", chat: 1 }],
  [2, { type: "CHUNK", content: "대사" }],
]);

it("reads events from chunks of single bytes", async () => {
  const bytes = new TextEncoder().encode(lines);
  const pieces = Array.from(bytes, (byte) => new Uint8Array([byte]));
  expect(await all(stream(pieces))).toEqual([
    { id: "0", event: { type: "START", stream_id: "s", chat: 1 } },
    { id: "2", event: { type: "CHUNK", content: "대사" } },
  ]);
});

it("ignores comments", async () => {
  expect(await all(stream([": still here\n\n", lines]))).toHaveLength(2);
});

it("throws when the connection breaks", async () => {
  await expect(all(stream([lines], { breaks: true }))).rejects.toThrow();
});

it("throws when the connection is silent for too long", async () => {
  const silent = new Response(new ReadableStream({ start() {} }));
  await expect(all(silent, 20)).rejects.toThrow("silent");
});
