import { screen, waitFor } from "@testing-library/react";
import { useRef } from "react";
import { expect, it } from "vitest";
import { mockMedia, renderPage } from "@/test/renderPage";
import { useComposerFocus } from "./useComposerFocus";

function Page({ id }: { id: number | null }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useComposerFocus(field, id, false);
  return <textarea ref={field} aria-label="Question" />;
}

function focusElsewhere(tag: "input" | "a"): HTMLElement {
  const other = document.body.appendChild(document.createElement(tag));
  if (other instanceof HTMLAnchorElement) other.href = "/";
  other.focus();
  return other;
}

it.each([null, 7])("focuses the composer of a conversation: %s", async (id) => {
  mockMedia(() => false);
  renderPage(<Page id={id} />);
  await waitFor(() => expect(screen.getByLabelText("Question")).toHaveFocus());
});

it("takes the focus from a link, such as that of the conversation", async () => {
  mockMedia(() => false);
  const link = focusElsewhere("a");
  renderPage(<Page id={7} />);
  await waitFor(() => expect(screen.getByLabelText("Question")).toHaveFocus());
  link.remove();
});

it("does not take the focus from a field", async () => {
  mockMedia(() => false);
  const input = focusElsewhere("input");
  renderPage(<Page id={7} />);
  await screen.findByLabelText("Question");
  expect(input).toHaveFocus();
  input.remove();
});

it("does not take the focus behind an open dialog", async () => {
  mockMedia(() => false);
  const dialog = document.body.appendChild(document.createElement("div"));
  dialog.setAttribute("role", "dialog");
  dialog.dataset.state = "open";
  renderPage(<Page id={7} />);
  await screen.findByLabelText("Question");
  expect(document.body).toHaveFocus();
  dialog.remove();
});

it("does not bring up the keyboard of a phone", async () => {
  mockMedia((query) => query === "(pointer: coarse)");
  renderPage(<Page id={null} />);
  await screen.findByLabelText("Question");
  expect(document.body).toHaveFocus();
});
