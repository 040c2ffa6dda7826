import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { at, problemResponse, server } from "@/test/server";
import { wayOn } from "./providerCallback";

/** Serves a user, or a guest whose sign-in waits for a step. */
function serve(isSignedIn: boolean, step?: string): void {
  const flows = [{ id: "login" }, ...(step ? [{ id: step, is_pending: true }] : [])];
  server.use(
    http.get(at("/accounts/profile"), () =>
      isSignedIn
        ? HttpResponse.json({ nickname: "Hana", email: null, quota: null })
        : problemResponse(401, "not_authenticated"),
    ),
    http.get(at("/_allauth/browser/v1/auth/session"), () =>
      HttpResponse.json({ status: 401, data: { flows } }, { status: 401 }),
    ),
  );
}

it.each([
  ["a good one", true, undefined, { next: "/quotes" }, "/quotes"],
  ["a good one without a next", true, undefined, {}, "/"],
  ["a failed one", false, undefined, { error: "expired", next: "/quotes" }, undefined],
  ["a failed one of a user", true, undefined, { error: "expired" }, undefined],
  ["a second factor", false, "mfa_authenticate", { next: "/quotes" }, "/login/code?next=%2Fquotes"],
  [
    "an address to confirm",
    false,
    "verify_email",
    { next: "/quotes" },
    "/login/callback?next=%2Fquotes&error=verify_email",
  ],
  ["no session", false, undefined, {}, "/login/callback?error=unknown"],
])("leads on from %s", async (_name, isSignedIn, step, search, way) => {
  serve(isSignedIn, step);
  expect(await wayOn(search)).toBe(way);
});
