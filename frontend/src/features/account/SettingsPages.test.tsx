import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { at, server } from "@/test/server";
import { media, show } from "@/test/show";
import { ProfileSettings } from "./SettingsPages";

const MAILS = "E-mail me when a line of mine is reviewed";

/** The server's profile; gives what was changed of it. */
function person(review_emails: boolean | null): unknown[] {
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
  media(() => false);
  return changes;
}

it("turns mails about reviews off", async () => {
  const changes = person(true);
  show(<ProfileSettings />);
  await userEvent.click(await screen.findByRole("checkbox", { name: MAILS, checked: true }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(changes).toEqual([{ nickname: "Alice", review_emails: false }]);
});

it("offers no mails where the site sends none", async () => {
  const changes = person(null);
  show(<ProfileSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "Save" }));
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(changes).toEqual([{ nickname: "Alice" }]);
});
