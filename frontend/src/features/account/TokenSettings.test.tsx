import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import { curlExample, type PersonalToken } from "./personalTokens";
import { TokenSettings } from "./TokenSettings";

const SECRET = `daesa_pat_${"a".repeat(38)}`;

function token(change: Partial<PersonalToken> = {}): PersonalToken {
  return {
    id: 3,
    name: "My bot",
    start: "daesa_pat_Ab12",
    scopes: ["chat:read", "chat:write"],
    state: "active",
    created_at: "2026-03-01T09:00:00+09:00",
    expires_at: "2026-05-30T09:00:00+09:00",
    last_used_at: null,
    usage: { today: 2, total: 41 },
    links: [],
    ...change,
  };
}

let stored: PersonalToken[] = [];
let sent: unknown[] = [];

beforeEach(() => {
  stored = [];
  sent = [];
  mockMedia(() => false);
  server.use(
    http.get(at("/accounts/tokens"), () =>
      HttpResponse.json({ count: 0, page: 1, per_page: 100, results: stored, links: [] }),
    ),
    http.post(at("/accounts/tokens"), async ({ request }) => {
      sent.push(await request.json());
      stored = [token()];
      return HttpResponse.json({ ...token(), token: SECRET }, { status: 201 });
    }),
    http.patch(at("/accounts/tokens/3"), async ({ request }) => {
      const change = (await request.json()) as { name: string };
      sent.push(change);
      stored = [token(change)];
      return HttpResponse.json(stored[0]);
    }),
    http.delete(at("/accounts/tokens/3"), () => {
      stored = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

it("shows the token once, with an example, and then lists it", async () => {
  renderPage(<TokenSettings />);
  await screen.findByText("You have no tokens.");
  await press("New token");
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByLabelText("Name"), "My bot");
  await userEvent.click(dialog.getByRole("checkbox", { name: /chat:write/ }));
  await userEvent.click(dialog.getByRole("button", { name: "Make the token" }));
  expect(await screen.findByText(SECRET)).toBeVisible();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(sent).toEqual([{ name: "My bot", scopes: ["chat:write"], lifetime: "90d" }]);
  await expect.poll(() => document.activeElement?.textContent).toBe("“My bot” is made");
  await press("I have copied it");
  expect(screen.queryByText(new RegExp(SECRET))).toBeNull();
  expect(await screen.findByText(/Questions today 2, in all 41/)).toBeVisible();
});

it.each(["30d", "365d", "never"])("sends the chosen lifetime %s", async (lifetime) => {
  renderPage(<TokenSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "New token" }));
  await userEvent.type(screen.getByLabelText("Name"), "A");
  await userEvent.selectOptions(screen.getByLabelText("Expires"), lifetime);
  const hint = screen.queryByText("Whoever finds it could use it until you revoke it.");
  expect(hint !== null).toBe(lifetime === "never");
  await press("Make the token");
  await screen.findByText(SECRET);
  expect(sent).toEqual([{ name: "A", scopes: [], lifetime }]);
});

it("shows the server's errors beside their fields", async () => {
  const errors = [{ field: "scopes", code: "min_length", detail: "At least 1." }];
  server.use(
    http.post(at("/accounts/tokens"), () =>
      HttpResponse.json(
        { code: "invalid", status: 400, detail: "Some of the input is not valid.", errors },
        { status: 400 },
      ),
    ),
  );
  renderPage(<TokenSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "New token" }));
  await userEvent.type(screen.getByLabelText("Name"), "A");
  await press("Make the token");
  const group = await screen.findByRole("group", { name: "Scopes" });
  expect(group).toHaveAccessibleDescription("Choose at least one.");
  expect(group).toHaveFocus();
});

it("says when there are too many", async () => {
  server.use(
    http.post(at("/accounts/tokens"), () => problemResponse(409, "limit_reached", "Too many.")),
  );
  renderPage(<TokenSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "New token" }));
  await userEvent.type(screen.getByLabelText("Name"), "A");
  await press("Make the token");
  expect(await screen.findByRole("alert")).toHaveTextContent("Too many.");
});

it("revokes a token after a confirmation", async () => {
  stored = [token()];
  renderPage(<TokenSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "Revoke “My bot”" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Revoke “My bot”?" }));
  await userEvent.click(dialog.getByRole("button", { name: "Cancel" }));
  expect(stored).toHaveLength(1);
  await press("Revoke “My bot”");
  await press("Revoke");
  expect(await screen.findByText("You have no tokens.")).toBeVisible();
});

it("renames a token", async () => {
  stored = [token()];
  renderPage(<TokenSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "Rename “My bot”" }));
  const field = screen.getByLabelText("Name");
  await userEvent.clear(field);
  await userEvent.type(field, "Old bot");
  await press("Save");
  expect(await screen.findByRole("heading", { name: "Old bot" })).toBeVisible();
  expect(sent).toEqual([{ name: "Old bot" }]);
});

it.each([
  [{ state: "expired" as const }, "Expired"],
  [{ state: "ended" as const }, "Ended by a new password"],
  [{ expires_at: null }, "Never expires"],
  [{ last_used_at: "2026-03-02T09:00:00+09:00" }, "Last used"],
  [{}, "Not used yet"],
])("tells of %j", async (change, text) => {
  stored = [token(change)];
  renderPage(<TokenSettings />);
  const item = await screen.findByRole("listitem");
  expect(item).toHaveTextContent(text);
  expect(item).toHaveTextContent("daesa_pat_Ab12… · chat:read, chat:write");
});

it("offers to try again", async () => {
  server.use(http.get(at("/accounts/tokens"), () => problemResponse(403, "csrf_failed")));
  renderPage(<TokenSettings />);
  expect(await screen.findByRole("button", { name: "Try again" })).toBeVisible();
});

it.each([
  [["chat:read", "chat:write"], "/chat", true],
  [["chat:read", "profile:read"], "/chat", false],
  [["quotes:read"], "/quote", false],
  [["profile:read"], "/accounts/profile", false],
  [["quotes:write"], "/quote", true],
] as const)("has an example for %j", (scopes, path, hasBody) => {
  const example = curlExample(SECRET, scopes);
  expect(example).toContain(`curl ${at(path)} \\\n  -H 'Authorization: Bearer ${SECRET}'`);
  expect(example.includes("-d '{")).toBe(hasBody);
});
