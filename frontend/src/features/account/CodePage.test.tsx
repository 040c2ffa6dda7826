import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { FactorType } from "@/api/apiError";
import { problemOf } from "@/api/apiError";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { CodePage } from "./CodePage";

const SESSION = "/_allauth/browser/v1/auth";
let sent: unknown[];

beforeEach(() => {
  sent = [];
  window.scrollTo = () => {};
  server.use(http.get(at("/accounts/profile"), () => HttpResponse.json({ id: 1, quota: null })));
});

/** A sign-in that waits for a factor of one of the types, or no sign-in at all. */
function waitFor(...types: FactorType[]): void {
  const flow = { id: "mfa_authenticate", is_pending: types.length > 0, types };
  const body = { status: 401, data: { flows: [{ id: "login" }, flow] }, meta: {} };
  server.use(http.get(at(`${SESSION}/session`), () => HttpResponse.json(body, { status: 401 })));
}

function answerCodes(answer: () => Response): void {
  server.use(
    http.post(at(`${SESSION}/2fa/authenticate`), async ({ request }) => {
      sent.push(await request.json());
      return answer();
    }),
  );
}

async function enter(code: string) {
  await userEvent.type(await screen.findByRole("textbox"), `${code}{Enter}`);
}

it("goes on to where the user wanted", async () => {
  waitFor("totp", "recovery_codes");
  answerCodes(() => HttpResponse.json({ status: 200 }));
  renderPage(<CodePage />, "/?next=/c/7");
  await enter("123456 ");
  expect(await screen.findByText("/c/7")).toBeVisible();
  expect(sent).toEqual([{ code: "123456" }]);
});

it("says how long to wait after too many codes, and keeps the way back", async () => {
  waitFor("totp");
  const problem = problemOf("too_many_attempts", 429, "Too many attempts.");
  answerCodes(() => HttpResponse.json(problem, { status: 429, headers: { "Retry-After": "300" } }));
  renderPage(<CodePage />);
  await enter("123456");
  expect(await screen.findByRole("alert")).toHaveTextContent("Try again in 5 minutes.");
  await userEvent.click(screen.getByRole("button", { name: "Back to the sign-in" }));
  expect(await screen.findByText("/login")).toBeVisible();
});

it("says that the sign-in took too long", async () => {
  waitFor("recovery_codes");
  answerCodes(() => HttpResponse.json({ status: 401, data: { flows: [] } }, { status: 401 }));
  renderPage(<CodePage />);
  await enter("12345678");
  expect(await screen.findByRole("alert")).toHaveTextContent("took too long");
  expect(screen.queryByRole("textbox")).toBeNull();
});

it("asks for no code where no sign-in waits", async () => {
  waitFor();
  renderPage(<CodePage />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Sign in again");
});

it("says so where the browser lacks the only way", async () => {
  waitFor("webauthn");
  renderPage(<CodePage />);
  expect(await screen.findByText(/^This browser cannot use passkeys/)).toBeVisible();
});
