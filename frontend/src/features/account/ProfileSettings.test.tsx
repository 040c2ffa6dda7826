import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { ProfileSettings } from "./ProfileSettings";

const MAILS = "E-mail me when a line of mine is reviewed";

/** Serves a profile; returns the changes that were sent. */
function serveProfile(review_emails: boolean | null): unknown[] {
  const profile = {
    email: "alice@example.com",
    nickname: "Alice",
    created_at: "2026-03-01T09:00:00+09:00",
    review_emails,
  };
  const changes: unknown[] = [];
  server.use(
    http.get(at("/accounts/profile"), () => HttpResponse.json(profile)),
    http.patch(at("/accounts/profile"), async ({ request }) => {
      changes.push(await request.json());
      return HttpResponse.json(profile);
    }),
  );
  mockMedia(() => false);
  return changes;
}

it("turns mails about reviews off", async () => {
  const changes = serveProfile(true);
  renderPage(<ProfileSettings />);
  await userEvent.click(await screen.findByRole("checkbox", { name: MAILS, checked: true }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(changes).toEqual([{ nickname: "Alice", review_emails: false }]);
});

it("offers no mails where the site sends none", async () => {
  const changes = serveProfile(null);
  renderPage(<ProfileSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "Save" }));
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(changes).toEqual([{ nickname: "Alice" }]);
});
