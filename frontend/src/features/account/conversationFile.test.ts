import { Blob } from "node:buffer";
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { inParts, readConversations } from "./conversationFile";

const file = (content: string | Uint8Array) => new Blob([content]);

const zipped = (files: Record<string, string>) =>
  file(
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  );

describe("readConversations", () => {
  it.each([
    ["ChatGPT's list", file('[{"mapping": {}}, {"mapping": {}}]'), 2],
    ["Daesa's object", file('{"format": "daesa-conversations", "conversations": [{}]}'), 1],
    ["a zip", zipped({ "user.json": "{}", "conversations.json": "[{}]" }), 1],
    ["a zip with a folder", zipped({ "export/conversations.json": "[{}, null, 3]" }), 1],
    ["an empty list", file("[]"), 0],
  ])("reads %s", async (_name, given, count) => {
    expect(await readConversations(given)).toHaveLength(count);
  });

  it.each([
    ["text", file("hello"), "notJson"],
    ["another object", file('{"a": 1}'), "noConversations"],
    ["null", file("null"), "noConversations"],
    ["a zip without them", zipped({ "user.json": "{}" }), "noConversations"],
    ["a broken zip", file(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0])), "noConversations"],
  ])("says why it cannot read %s", async (_name, given, reason) => {
    await expect(readConversations(given)).rejects.toMatchObject({ reason });
  });
});

describe("inParts", () => {
  const own = (size: number) => ({ chats: [{ content: "가".repeat(size / 3) }] });

  it("fits each part into a request", () => {
    const { parts, tooLong } = inParts([own(600_000), own(600_000), own(90), own(1_200_000)]);
    expect(parts.map((part) => part.length)).toEqual([1, 2]);
    expect(tooLong).toHaveLength(1);
  });

  it("sends few at once, so that the progress moves", () => {
    const { parts } = inParts(Array.from({ length: 120 }, () => own(30)));
    expect(parts.map((part) => part.length)).toEqual([50, 50, 20]);
  });

  it("sends of ChatGPT's messages only what is read", () => {
    const tool = { author: { role: "tool" }, content: { parts: ["x".repeat(2_000_000)] } };
    const answer = {
      author: { role: "assistant", name: null, metadata: {} },
      content: { content_type: "text", parts: ["Yes"] },
      create_time: 1,
      metadata: { model_slug: "m", search_result_groups: ["x".repeat(2_000_000)] },
    };
    const mapping = {
      a: { id: "a", parent: null, children: ["b"], message: tool },
      b: { id: "b", parent: "a", children: [], message: answer },
      c: null,
    };
    const { parts, tooLong } = inParts([{ id: "1", title: "T", mapping, moderation: [] }]);
    expect(tooLong).toEqual([]);
    expect(JSON.parse(JSON.stringify(parts[0]?.[0]))).toEqual({
      id: "1",
      title: "T",
      mapping: {
        a: { parent: null, children: ["b"] },
        b: {
          parent: "a",
          children: [],
          message: {
            author: { role: "assistant" },
            content: { content_type: "text", parts: ["Yes"] },
            create_time: 1,
            metadata: { model_slug: "m" },
          },
        },
        c: {},
      },
    });
  });
});
