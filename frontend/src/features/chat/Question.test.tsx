import { type RenderResult, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { renderPage } from "@/test/renderPage";
import Toasts from "@/ui/Toasts";
import { Question } from "./Question";

let page: RenderResult;

function show(onResend = vi.fn()) {
  page = renderPage(
    <>
      <Question id={3} text="What is it?" onResend={onResend} />
      <Toasts />
    </>,
  );
  return onResend;
}

async function edit(change: string): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: "Edit question" }));
  const field = await screen.findByLabelText("Edited question");
  if (change) await userEvent.type(field, change);
}

it("gives changes back that were cancelled", async () => {
  const onResend = show();
  await edit(" And who?{Escape}");
  expect(screen.queryByLabelText("Edited question")).toBeNull();
  (await screen.findByRole("button", { name: "Undo" })).focus();
  await userEvent.keyboard("{Enter}"); // jsdom lacks the pointer events of a toast
  expect(await screen.findByLabelText("Edited question")).toHaveValue("What is it? And who?");
  await userEvent.click(screen.getByRole("button", { name: "Send again" }));
  expect(onResend).toHaveBeenCalledExactlyOnceWith("What is it? And who?");
});

it.each(["Control", "Meta"])("sends the edited question by %s+Enter", async (key) => {
  const onResend = show();
  await edit(` And who?{${key}>}{Enter}{/${key}}`);
  expect(onResend).toHaveBeenCalledExactlyOnceWith("What is it? And who?");
});

it("begins with the question again after a cancel", async () => {
  show();
  await edit(" And who?");
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await edit("");
  expect(screen.getByLabelText("Edited question")).toHaveValue("What is it?");
});

it("keeps changes while the page is away", async () => {
  show();
  await edit(" And who?");
  page.unmount();
  show();
  await edit("");
  expect(screen.getByLabelText("Edited question")).toHaveValue("What is it? And who?");
});
