import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { at, chat, server } from "@/test/server";
import { conversationQuery } from "./api";

const head = { id: 7, title: "", system_prompt: "", created_at: "", updated_at: "", links: [] };

function answers(chat_count: number, ...ids: number[]): void {
  const chats = ids.map((id) => chat({ id }));
  server.use(
    http.get(at("/conversations/7"), () => HttpResponse.json({ ...head, chat_count, chats })),
  );
}

async function fetched(): Promise<number[]> {
  const { chats } = await queryClient.fetchQuery({ ...conversationQuery(7), staleTime: 0 });
  return chats.map(({ id }) => id);
}

it("keeps the earlier chats that were loaded when the conversation is fetched again", async () => {
  answers(9, 1, 2, 3, 4);
  await fetched();
  answers(9, 3, 4, 5);
  expect(await fetched()).toEqual([1, 2, 3, 4, 5]);
});

it("forgets chats that are no longer there", async () => {
  answers(4, 1, 2, 3, 4);
  await fetched();
  answers(2, 3, 4);
  expect(await fetched()).toEqual([3, 4]);
});
