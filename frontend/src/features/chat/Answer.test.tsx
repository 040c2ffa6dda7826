import { useQuery } from "@tanstack/react-query";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import type { Chat, Reply } from "@/api/client";
import { queryClient } from "@/api/queries";
import { setQuota } from "@/api/quota";
import { renderPage } from "@/test/renderPage";
import { at, chat, problemResponse, reply, server } from "@/test/server";
import { Answer } from "./Answer";
import { conversationQuery, storeNewConversation } from "./api";
import { keepDroppedWords } from "./droppedWords";

const first = reply({ id: 1, content: "The first one" });
const second = reply({ id: 2, content: "The second one" });
const twice = chat({ chat_reply: second, updated_at: "2026-03-01T09:05:00+09:00" });

function Stored({
  onRegenerate,
  onContinue,
  onFollowUp,
}: {
  onRegenerate?: () => void;
  onContinue?: () => void;
  onFollowUp?: (text: string) => void;
}) {
  const { data } = useQuery(conversationQuery(7));
  return (
    <Answer
      chat={data?.chats[0]}
      turn={undefined}
      problem={undefined}
      onRegenerate={onRegenerate}
      onContinue={onContinue}
      onFollowUp={onFollowUp}
    />
  );
}

function showStored(one: Chat): void {
  storeNewConversation(one);
  renderPage(<Stored />);
}

const shown = () => queryClient.getQueryData(conversationQuery(7).queryKey)?.chats[0]?.chat_reply;

it("shows the questions to follow where it is the newest answer, and hands the chosen one over", async () => {
  const one = chat({
    conversation: 7,
    chat_reply: reply({ content: "So", follow_ups: ["Why?", "Who said it?"] }),
  });
  const onFollowUp = vi.fn();
  storeNewConversation(one);
  const page = renderPage(<Stored onFollowUp={onFollowUp} />);
  const list = await screen.findByRole("list", { name: "Questions to ask next" });
  expect(within(list).getAllByRole("button")).toHaveLength(2);
  await userEvent.click(screen.getByRole("button", { name: "Who said it?" }));
  expect(onFollowUp).toHaveBeenCalledWith("Who said it?");
  page.unmount();
  renderPage(<Stored />);
  await screen.findByText("So");
  expect(screen.queryByRole("button", { name: "Why?" })).toBeNull();
});

it("names the model, and the server where the site does", async () => {
  showStored(chat({ chat_reply: reply({ id: 1, model: "small", server: "Our own machine" }) }));
  expect(await screen.findByText("Answered by Small · Our own machine")).toBeVisible();
});

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

const NOTHING_CHARGED = "Nothing was charged.";
const CHARGED = "It counts as one of that day's questions.";
const FILTER = "upstream_content_filter";

it.each([
  ["stopped", "", "", "So far", true, `The answer was stopped here. ${CHARGED}`],
  ["interrupted", "", "", "So far", false, `The answer was interrupted. ${NOTHING_CHARGED}`],
  ["failed", "upstream_failed", "", "", false, `There is no answer. ${NOTHING_CHARGED}`],
  ["failed", "upstream_empty", "", "", true, `There is no answer. ${CHARGED}`],
  ["failed", "upstream_timeout", "", "So", false, `The answer broke off here. ${NOTHING_CHARGED}`],
  ["failed", "upstream_timeout", "", "So", true, `The answer broke off here. ${CHARGED}`],
  ["failed", FILTER, "", "", true, `The model's content filter stopped the answer. ${CHARGED}`],
  [
    "failed",
    FILTER,
    "content_filter",
    "So",
    true,
    `The answer is cut off here: the model's content filter stopped it. ${CHARGED}`,
  ],
  [
    "done",
    "",
    "length",
    "So far",
    true,
    `The answer is cut off here, at the limit of its length. ${CHARGED}`,
  ],
] as const)(
  "tells an answer that was %s (%s %s: %s) and whether it was charged: %s",
  async (status, error_code, cut_off, content, charged, words) => {
    const onRegenerate = vi.fn();
    const ended = reply({ status, error_code, cut_off, content, charged });
    storeNewConversation(chat({ chat_reply: ended }));
    renderPage(<Stored onRegenerate={onRegenerate} />);
    expect(await screen.findByText(words)).toBeVisible();
    if (content) expect(screen.getByText(content)).toBeVisible();
    const isFailure = status === "failed" || status === "interrupted";
    const name = isFailure ? "Try again" : "Answer again";
    await userEvent.click(screen.getByRole("button", { name }));
    expect(onRegenerate).toHaveBeenCalledOnce();
  },
);

const cut = (change: Partial<NonNullable<Reply["continuation"]>> = {}) =>
  chat({
    chat_reply: reply({
      content: "So far",
      cut_off: "length",
      continuation: { available: true, units: 0, charged: false, error_code: "", ...change },
    }),
  });

it("offers to continue what was cut off at its limit, and says that it is free", async () => {
  const onContinue = vi.fn();
  storeNewConversation(cut());
  renderPage(<Stored onContinue={onContinue} />);
  expect(await screen.findByText("Takes none of today's questions")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Continue" }));
  expect(onContinue).toHaveBeenCalledOnce();
});

it.each([
  [2, "Takes 1 of 2 left today", true],
  [0, /^Today's questions are used up/, false],
])("says what it costs with %i left", async (remaining, words, isEnabled) => {
  setQuota({ limit: 5, used: 5 - remaining, remaining, resets_at: "2026-03-02T00:00:00+09:00" });
  storeNewConversation(cut({ units: 1 }));
  renderPage(<Stored onContinue={() => {}} />);
  expect(await screen.findByText(words)).toBeVisible();
  const button = screen.getByRole("button", { name: "Continue" });
  expect(button.hasAttribute("disabled")).toBe(!isEnabled);
});

it.each([
  [false, NOTHING_CHARGED],
  [true, CHARGED],
])(
  "tells that it could not be continued, and whether that was charged: %s",
  async (charged, words) => {
    showStored(cut({ available: false, units: 1, charged, error_code: "upstream_timeout" }));
    const told = `The answer could not be continued. It is unchanged. ${words}`;
    expect(await screen.findByText(told)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Continue" })).toBeNull();
  },
);

it("keeps what a failed continuation had added, apart from the answer", async () => {
  const failed = cut({ error_code: "upstream_disconnected" });
  keepDroppedWords(failed.chat_reply?.stream_id ?? "", "So far", "So far and on");
  showStored(failed);
  expect(await screen.findByText("So far")).toBeVisible();
  const summary = screen.getByText(/^The added words are not part of the answer/);
  expect(screen.getByText("and on")).not.toBeVisible();
  await userEvent.click(summary);
  expect(screen.getByText("and on")).toBeVisible();
});

it("offers no continuation where a question has followed", async () => {
  showStored(cut());
  expect(await screen.findByText("So far")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Continue" })).toBeNull();
});

it("says nothing of the charge under a complete answer", async () => {
  showStored(chat({ chat_reply: reply({ content: "All of it", charged: true }) }));
  expect(await screen.findByText("All of it")).toBeVisible();
  expect(screen.queryByText(/counts as one|Nothing was charged/)).toBeNull();
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

it.each([
  [false, true, /^Answered before, on March 1, 2026.*\. It counts as one/],
  [true, false, /^This is the answer to a similar question, of March 1, 2026.*\. Nothing was/],
])(
  "says that it was answered before (alike: %s), and asks again",
  async (alike, charged, words) => {
    setQuota({ limit: 5, used: 1, remaining: 4, resets_at: "2026-03-02T00:00:00+09:00" });
    localStorage.setItem("daesa.cost-confirmed", "1");
    const onRegenerate = vi.fn();
    const answered_from = { answered_at: "2026-03-01T12:00:00+00:00", alike };
    storeNewConversation(chat({ chat_reply: reply({ content: "So", answered_from, charged }) }));
    renderPage(<Stored onRegenerate={onRegenerate} />);
    expect(await screen.findByText(words)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Answer again" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Ask again" }));
    expect(onRegenerate).toHaveBeenCalledOnce();
  },
);
