import { useQuery } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import type { Chat } from "@/api/client";
import { queryClient } from "@/api/queries";
import { at, chat, refusal, reply, server } from "@/test/server";
import { show } from "@/test/show";
import { Answer } from "./Answer";
import { conversationQuery, storeNewConversation } from "./api";

const first = reply({ id: 1, content: "The first one" });
const second = reply({ id: 2, content: "The second one" });
const twice = chat({ chat_reply: second, updated_at: "2026-03-01T09:05:00+09:00" });

function Stored({ onRegenerate }: { onRegenerate?: () => void }) {
  const { data } = useQuery(conversationQuery(7));
  return (
    <Answer
      chat={data?.chats[0]}
      turn={undefined}
      problem={undefined}
      onRegenerate={onRegenerate}
    />
  );
}

function showStored(one: Chat): void {
  storeNewConversation(one);
  show(<Stored />);
}

const shown = () => queryClient.getQueryData(conversationQuery(7).queryKey)?.chats[0]?.chat_reply;

it("offers no other version where there is only one, and asks for none", async () => {
  showStored(chat({ chat_reply: first }));
  expect(await screen.findByText("The first one")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Previous version" })).toBeNull();
});

it("keeps at the server which version is shown", async () => {
  const kept: unknown[] = [];
  server.use(
    http.get(at("/chat/1/replies"), () => HttpResponse.json({ results: [second, first] })),
    http.patch(at("/chat/1"), async ({ request }) => {
      kept.push(await request.json());
      return HttpResponse.json({ ...twice, chat_reply: first });
    }),
  );
  showStored(twice);
  expect(await screen.findByText("2/2")).toBeVisible();
  expect(screen.getByRole("button", { name: "Next version" })).toBeDisabled();
  await userEvent.click(screen.getByRole("button", { name: "Previous version" }));
  expect(await screen.findByText("The first one")).toBeVisible();
  expect(screen.getByText("1/2")).toBeVisible();
  expect(kept).toEqual([{ chat_reply: 1 }]);
  expect(shown()?.id).toBe(1);
});

it("goes back to the version before when the server refuses the choice", async () => {
  server.use(
    http.get(at("/chat/1/replies"), () => HttpResponse.json({ results: [second, first] })),
    http.patch(at("/chat/1"), () => refusal(409, "reply_in_progress")),
  );
  showStored(twice);
  await userEvent.click(await screen.findByRole("button", { name: "Previous version" }));
  await waitFor(() => expect(shown()?.id).toBe(2));
  expect(await screen.findByText("The second one")).toBeVisible();
});

it.each([
  ["stopped", "Stopped here"],
  ["interrupted", "The answer was interrupted. Nothing was charged."],
  ["failed", "There is no answer. Nothing was charged."],
] as const)("tells an answer that was %s, and keeps its part", async (status, words) => {
  const onRegenerate = vi.fn();
  storeNewConversation(chat({ chat_reply: reply({ status, content: "So far" }) }));
  show(<Stored onRegenerate={onRegenerate} />);
  expect(await screen.findByText("So far")).toBeVisible();
  expect(screen.getByText(words)).toBeVisible();
  const name = status === "stopped" ? "Answer again" : "Try again";
  await userEvent.click(screen.getByRole("button", { name }));
  expect(onRegenerate).toHaveBeenCalledOnce();
});
