import { useQuery } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import type { Chat } from "@/api/client";
import { queryClient } from "@/api/queries";
import { renderPage } from "@/test/renderPage";
import { at, chat, problemResponse, reply, server } from "@/test/server";
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
  renderPage(<Stored />);
}

const shown = () => queryClient.getQueryData(conversationQuery(7).queryKey)?.chats[0]?.chat_reply;

it("offers no other version if there is only one, and requests none", async () => {
  showStored(chat({ chat_reply: first }));
  expect(await screen.findByText("The first one")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Previous version" })).toBeNull();
});

it("stores the shown version at the server", async () => {
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

it("shows the previous version again when the server refuses the choice", async () => {
  server.use(
    http.get(at("/chat/1/replies"), () => HttpResponse.json({ results: [second, first] })),
    http.patch(at("/chat/1"), () => problemResponse(409, "reply_in_progress")),
  );
  showStored(twice);
  await userEvent.click(await screen.findByRole("button", { name: "Previous version" }));
  await waitFor(() => expect(shown()?.id).toBe(2));
  expect(await screen.findByText("The second one")).toBeVisible();
});

it.each([
  ["stopped", true, "Stopped here"],
  ["interrupted", false, "The answer was interrupted. Nothing was charged."],
  ["failed", false, "There is no answer. Nothing was charged."],
  ["failed", true, "There is no answer. It counts as one of today's questions."],
] as const)("tells an answer that was %s (charged: %s)", async (status, charged, words) => {
  const onRegenerate = vi.fn();
  storeNewConversation(chat({ chat_reply: reply({ status, charged, content: "So far" }) }));
  renderPage(<Stored onRegenerate={onRegenerate} />);
  expect(await screen.findByText("So far")).toBeVisible();
  expect(screen.getByText(words)).toBeVisible();
  const name = status === "stopped" ? "Answer again" : "Try again";
  await userEvent.click(screen.getByRole("button", { name }));
  expect(onRegenerate).toHaveBeenCalledOnce();
});

it.each([
  ["done", "part", "Not all quotations in this answer were compared with the board."],
  ["stopped", "none", "The quotations in this answer were not compared with the board."],
  ["done", "all", null],
  ["failed", "none", null],
] as const)("says of an answer that is %s what is judged: %s", async (status, judged, words) => {
  showStored(chat({ chat_reply: reply({ status, judged, content: "So far" }) }));
  expect(await screen.findByText("So far")).toBeVisible();
  if (words) expect(screen.getByText(words)).toBeVisible();
  else expect(screen.queryByText(/compared with the board/)).toBeNull();
});
