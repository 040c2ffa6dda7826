import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import type { Quote } from "@/api/client";
import { renderPage } from "@/test/renderPage";
import { LineActions } from "./LineActions";
import { withSource } from "./withSource";

const quote = {
  id: 7,
  content: "The rest is silence.",
  speaker: "Hamlet",
  source: "Hamlet",
  language: "en",
  state: "applied",
} as Quote;

afterEach(() => {
  cleanup(); // stops reading
  vi.unstubAllGlobals();
});

/** jsdom has no voice. */
class Utterance extends EventTarget {
  lang = "";
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }
}

it("reads a line aloud in its language, and stops", async () => {
  const said: Utterance[] = [];
  const speech = { speak: (one: Utterance) => said.push(one), cancel: vi.fn() };
  vi.stubGlobal("speechSynthesis", speech);
  vi.stubGlobal("SpeechSynthesisUtterance", Utterance);
  renderPage(<LineActions quote={quote} />);
  await userEvent.click(await screen.findByRole("button", { name: "Read aloud" }));
  expect(said).toEqual([expect.objectContaining({ text: quote.content, lang: "en" })]);
  speech.cancel.mockClear();
  await userEvent.click(screen.getByRole("button", { name: "Stop reading" }));
  expect(speech.cancel).toHaveBeenCalledOnce();
  await userEvent.click(screen.getByRole("button", { name: "Read aloud" }));
  expect(said).toHaveLength(2);
  said[1]?.dispatchEvent(new Event("end"));
  expect(await screen.findByRole("button", { name: "Read aloud" })).toBeVisible();
});

it("offers no voice where there is none, and no link to a line in review", async () => {
  renderPage(<LineActions quote={{ ...quote, state: "pending" }} />);
  expect(await screen.findByRole("button", { name: "Copy" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Read aloud" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Share" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Image" })).toBeNull();
});

it.each([
  [{}, "“The rest is silence.”\n— Hamlet, Hamlet"],
  [{ speaker: "" }, "“The rest is silence.”\n— Hamlet"],
  [{ speaker: "", source: "" }, "“The rest is silence.”"],
])("names the source of the copied line: %j", (change, text) => {
  expect(withSource({ ...quote, ...change })).toBe(text);
});
