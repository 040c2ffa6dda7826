import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it, vi } from "vitest";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { SecondFactorSection } from "./SecondFactorSection";
import type { Authenticator } from "./secondFactor";

const AUTHENTICATORS = "/_allauth/browser/v1/account/authenticators";
const HINT = /^Staff of this site need a second factor/;
const times = { created_at: 1_770_000_000, last_used_at: null };
const totp: Authenticator = { type: "totp", ...times };
const codes = (unused_code_count: number): Authenticator => ({
  type: "recovery_codes",
  ...times,
  total_code_count: 10,
  unused_code_count,
});

beforeEach(() => {
  window.scrollTo = () => {};
});

function serve(found: Authenticator[], { isRequired = false } = {}): void {
  const profile = {
    email: null,
    nickname: "Hana",
    second_factor_required: isRequired,
    quota: null,
  };
  server.use(
    http.get(at("/accounts/profile"), () => HttpResponse.json(profile)),
    http.get(at(AUTHENTICATORS), () => HttpResponse.json({ status: 200, data: found })),
  );
}

it.each([
  ["staff without one", [], true, true],
  ["staff with one", [totp], true, false],
  ["others", [], false, false],
])("asks %s to set up a second factor", async (_, found, isRequired, isShown) => {
  serve(found, { isRequired });
  renderPage(<SecondFactorSection />);
  await screen.findByRole("heading", { name: "Authenticator app" });
  if (isShown) expect(await screen.findByText(HINT)).toBeVisible();
  else expect(screen.queryByText(HINT)).toBeNull();
});

it.each([
  [10, "10 of 10 are left."],
  [3, "3 of 10 are left. Few are left. Make new ones."],
  [1, "1 of 10 is left. Few are left. Make new ones."],
])("says that %i recovery codes are left", async (count, text) => {
  serve([totp, codes(count)]);
  renderPage(<SecondFactorSection />);
  expect(await screen.findByText(text)).toBeVisible();
});

it("shows new codes once, to copy and to print", async () => {
  const user = userEvent.setup(); // with a clipboard
  serve([totp, codes(1)]);
  server.use(
    http.post(at(`${AUTHENTICATORS}/recovery-codes`), () =>
      HttpResponse.json({ status: 200, data: { unused_codes: ["12345678", "87654321"] } }),
    ),
  );
  const print = vi.spyOn(window, "print").mockImplementation(() => {});
  renderPage(<SecondFactorSection />);
  await user.click(await screen.findByRole("button", { name: "Make new codes" }));
  const dialog = screen.getByRole("dialog", { name: "Make new recovery codes" });
  expect(dialog).toHaveAccessibleDescription(/stop working at once/);
  await user.click(screen.getAllByRole("button", { name: "Make new codes" }).at(-1) as HTMLElement);
  expect(await screen.findByText("12345678")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(await navigator.clipboard.readText()).toMatch(
    /^Recovery codes of Hana at localhost.*\n\n12345678\n87654321\n$/,
  );
  await user.click(screen.getByRole("button", { name: "Print" }));
  expect(print).toHaveBeenCalledOnce();
  await user.click(screen.getByRole("button", { name: "I have kept them" }));
  expect(screen.queryByText("12345678")).toBeNull();
});

it("says that the factors cannot be loaded, and tries again", async () => {
  serve([]);
  server.use(
    http.get(at(AUTHENTICATORS), () => HttpResponse.json({}, { status: 404 }), { once: true }),
  );
  renderPage(<SecondFactorSection />);
  await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
  expect(await screen.findByText("You have no passkeys.")).toBeVisible();
});
