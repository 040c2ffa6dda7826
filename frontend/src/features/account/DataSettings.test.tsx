import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { DataSettings } from "./DataSettings";

beforeEach(() => {
  window.scrollTo = () => {};
});

it.each([
  [30, "A conversation is deleted 30 days after its last question or answer."],
  [1, "A conversation is deleted 1 day after its last question or answer."],
  [null, null],
])("says how long conversations are kept: %s days", async (days, text) => {
  const profile = { email: null, nickname: "Hana", quota: null, chat_retention_days: days };
  let isAsked = false;
  server.use(
    http.get(at("/accounts/profile"), () => {
      isAsked = true;
      return HttpResponse.json(profile);
    }),
    http.get(at("/accounts/export"), () => HttpResponse.json({ state: "none" })),
  );
  renderPage(<DataSettings />);
  await screen.findByRole("heading", { name: "Download your data" });
  if (text) {
    expect(await screen.findByText(text)).toBeVisible();
  } else {
    await expect.poll(() => isAsked).toBe(true);
    expect(screen.queryByText(/^A conversation is deleted/)).toBeNull();
  }
});
