import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import Toasts from "@/ui/Toasts";
import { type ConversationWithChats, conversationQuery } from "./api";
import { TemporaryMark, TemporarySwitch } from "./TemporaryChat";

it("says what a temporary conversation is", async () => {
  const onChange = vi.fn();
  renderPage(<TemporarySwitch checked={false} onChange={onChange} />);
  const it = await screen.findByRole("switch", { name: "Temporary conversation" });
  expect(it).not.toBeChecked();
  expect(it).toHaveAccessibleDescription(/deleted a day after/);
  await userEvent.click(screen.getByText("Temporary conversation"));
  expect(onChange).toHaveBeenCalledWith(true);
});

function show() {
  const { queryKey } = conversationQuery(7);
  queryClient.setQueryData(queryKey, { id: 7, temporary: true } as ConversationWithChats);
  renderPage(
    <>
      <TemporaryMark id={7} />
      <Toasts />
    </>,
  );
  return () => queryClient.getQueryData(queryKey)?.temporary;
}

it("keeps the conversation", async () => {
  let sent: unknown;
  server.use(
    http.patch(at("/conversations/7"), async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({ id: 7, temporary: false });
    }),
  );
  const isTemporary = show();
  await userEvent.click(await screen.findByRole("button", { name: "Keep" }));
  expect(await screen.findByText(/The conversation is kept/)).toBeVisible();
  expect(sent).toEqual({ temporary: false });
  expect(isTemporary()).toBe(false);
});

it("says why it is not kept", async () => {
  server.use(http.patch(at("/conversations/7"), () => problemResponse(404, "not_found")));
  const isTemporary = show();
  await userEvent.click(await screen.findByRole("button", { name: "Keep" }));
  expect(await screen.findByText(/This does not exist/)).toBeVisible();
  expect(isTemporary()).toBe(true);
});

it("has nothing to keep before the server has stored it", async () => {
  renderPage(<TemporaryMark id={null} />);
  expect(await screen.findByText(/^Temporary:/)).toBeVisible();
  expect(screen.queryByRole("button")).toBeNull();
});
