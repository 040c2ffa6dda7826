import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createRef } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { setQuota } from "@/api/quota";
import { at, server } from "@/test/server";
import { Composer } from "./Composer";
import { readDraft, replaceDraft, saveDraft } from "./drafts";

const quota = { limit: 5, used: 2, remaining: 3, resets_at: new Date(2026, 2, 2).toISOString() };
const models = [
  { id: "one", default: true },
  { id: "two", default: false },
];

beforeEach(() => {
  server.use(http.get(at("/models"), () => HttpResponse.json({ results: models })));
});

function show(change: Partial<Parameters<typeof Composer>[0]> = {}) {
  const props = {
    draftKey: "new",
    revision: 0,
    field: createRef<HTMLTextAreaElement>(),
    onSend: vi.fn(),
    onPutBack: vi.fn(),
    onStop: null,
    stopping: false,
    model: "",
    onModel: vi.fn(),
    ...change,
  };
  render(
    <QueryClientProvider client={queryClient}>
      <Composer {...props} />
    </QueryClientProvider>,
  );
  return props;
}

it("sends the text and clears the field", async () => {
  setQuota(quota);
  const { onSend } = show();
  const field = screen.getByRole("textbox", { name: "Your question" });
  await userEvent.type(field, "  Who said it? {Enter}");
  expect(onSend).toHaveBeenCalledExactlyOnceWith("Who said it?", []);
  expect(field).toHaveValue("");
  expect(readDraft("new")).toBe("");
});

it("shows what is left of the quota", () => {
  setQuota(quota);
  show();
  expect(screen.getByText("3 of 5 left today")).toBeVisible();
  expect(screen.getByText(/^new (today|tomorrow) at 00:00$/)).toBeVisible();
});

it("keeps the text when nothing is left, and says until when", async () => {
  setQuota({ ...quota, used: 5, remaining: 0 });
  const { onSend } = show();
  const field = screen.getByRole("textbox", { name: "Your question" });
  await userEvent.type(field, "Later{Enter}");
  expect(onSend).not.toHaveBeenCalled();
  expect(field).toHaveValue("Later");
  expect(screen.getByText("Today's questions are used up")).toBeVisible();
  expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
});

it("still sends to the board what may be small talk", async () => {
  const offered = [{ id: "board", default: true }];
  server.use(http.get(at("/models"), () => HttpResponse.json({ results: offered })));
  queryClient.clear();
  setQuota({ ...quota, used: 5, remaining: 0 });
  const { onSend, field } = show();
  expect(await screen.findByText(/A greeting or thanks is still answered/)).toBeVisible();
  await userEvent.click(screen.getByRole("textbox"));
  await userEvent.paste("x".repeat(61));
  expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
  await userEvent.keyboard("{Enter}");
  expect(onSend).not.toHaveBeenCalled();
  await userEvent.clear(screen.getByRole("textbox"));
  await userEvent.type(screen.getByRole("textbox"), "Thanks!");
  // By the button: an Enter soon after another one counts as its repetition.
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
  expect(onSend).toHaveBeenCalledExactlyOnceWith("Thanks!", []);
  expect(field.current).toHaveValue("");
  queryClient.clear();
});

it("sends nothing where an account may not ask at all", async () => {
  setQuota({ ...quota, limit: 0, used: 0, remaining: 0 });
  const { onSend } = show({ model: "board" });
  await userEvent.type(screen.getByRole("textbox"), "Thanks!{Enter}");
  expect(onSend).not.toHaveBeenCalled();
});

it("sends nothing while an answer is written, and can stop it", async () => {
  const onStop = vi.fn();
  const { onSend } = show({ onStop });
  await userEvent.type(screen.getByRole("textbox"), "Next{Enter}");
  expect(onSend).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(onStop).toHaveBeenCalledOnce();
});

it("does not send a text that is too long", async () => {
  const { onSend, field } = show();
  await userEvent.click(screen.getByRole("textbox"));
  await userEvent.paste("x".repeat(8001));
  expect(field.current).toHaveAttribute("aria-invalid", "true");
  expect(screen.getByRole("alert")).toHaveTextContent("8001 / 8000");
  await userEvent.keyboard("{Enter}");
  expect(onSend).not.toHaveBeenCalled();
});

it("offers a choice of models", async () => {
  const { onModel } = show();
  await userEvent.click(await screen.findByRole("button", { name: "Model: One" }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: "Two" }));
  expect(onModel).toHaveBeenCalledExactlyOnceWith("two");
});

it("offers to put back the draft that a suggestion has replaced", async () => {
  saveDraft("new", "My own words");
  replaceDraft("new", "A suggestion");
  const { onPutBack } = show();
  expect(screen.getByRole("textbox")).toHaveValue("A suggestion");
  expect(screen.getByText("Set aside: My own words")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Put it back" }));
  expect(onPutBack).toHaveBeenCalledOnce();
});
