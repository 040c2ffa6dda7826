import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { ResetPage, VerifyPage } from "./RecoveryPages";

let sent: unknown[];

beforeEach(() => {
  sent = [];
  window.scrollTo = () => {};
  const form = { fields: [], password_rules: [], providers: [], links: [] };
  const accept = async ({ request }: { request: Request }) => {
    sent.push(await request.json());
    return HttpResponse.json({ status: 401 }, { status: 401 });
  };
  const good = () => HttpResponse.json({ status: 200 });
  server.use(
    http.get(at("/accounts/join"), () =>
      HttpResponse.json({ ...form, advised_password_length: null }),
    ),
    http.get(at("/_allauth/browser/v1/auth/password/reset"), good),
    http.get(at("/_allauth/browser/v1/auth/email/verify"), good),
    http.post(at("/_allauth/browser/v1/auth/password/reset"), accept),
    http.post(at("/_allauth/browser/v1/auth/email/verify"), accept),
  );
});

it.each([
  ["Mg%3A1abc%3Ax-y_z", "Mg:1abc:x-y_z"],
  ["Mg:1abc:x-y_z", "Mg:1abc:x-y_z"],
  ["100%", "100%"],
])("confirms an address by the key of its mail, %s", async (fragment, key) => {
  renderPage(<VerifyPage />, `/#${fragment}`);
  await userEvent.click(await screen.findByRole("button", { name: "Confirm" }));
  expect(await screen.findByText("Your address is confirmed.")).toBeVisible();
  expect(sent).toEqual([{ key }]);
});

it("sets a new password by the key of its mail", async () => {
  renderPage(<ResetPage />, "/#3-ab%3Acd");
  await userEvent.type(await screen.findByLabelText("New password"), "staple of paper");
  await userEvent.click(screen.getByRole("button", { name: "Change password" }));
  expect(await screen.findByText("/login")).toBeVisible();
  expect(sent).toEqual([{ key: "3-ab:cd", password: "staple of paper" }]);
});

it.each([
  ["/auth/password/reset", ResetPage, "Ask for another link", "Change password"],
  ["/auth/email/verify", VerifyPage, "Sign in, or get another mail", "Confirm"],
] as const)("says at once that the link to %s is dead", async (path, Page, onward, action) => {
  const errors = [{ param: "key", code: "invalid", message: "Bad token." }];
  const dead = () => HttpResponse.json({ status: 400, errors }, { status: 400 });
  server.use(http.get(at(`/_allauth/browser/v1${path}`), dead));
  renderPage(<Page />, "/#3-ab:cd");
  expect(await screen.findByText("This link is no longer valid.")).toBeVisible();
  expect(screen.getByRole("link", { name: onward })).toBeVisible();
  expect(screen.queryByRole("button", { name: action })).toBeNull();
});

it("asks for an address where there is no key", async () => {
  renderPage(<ResetPage />);
  expect(await screen.findByRole("button", { name: "Send the link" })).toBeVisible();
  expect(screen.queryByLabelText("New password")).toBeNull();
});
