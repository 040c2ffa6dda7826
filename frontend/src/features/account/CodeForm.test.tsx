import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { AddressSettings } from "./AddressSettings";
import { VerifyForm } from "./VerifyForm";

const ALICE = { email: "alice@example.com", is_confirmed: true, pending: null, links: [] };
const NEW = "new@example.com";
const WAITING = {
  ...ALICE,
  pending: { email: NEW, expires_at: "2026-03-01T09:00:00+09:00" },
};

let sent: unknown[];

function serveAddress(first: object): void {
  let address = first;
  const keep = (next: object) => async (info: { request: Request }) => {
    sent.push([info.request.method, await info.request.json()]);
    address = next;
    return HttpResponse.json(next);
  };
  server.use(
    http.get(at("/accounts/email"), () => HttpResponse.json(address)),
    http.post(at("/accounts/email"), keep(WAITING)),
    http.post(at("/accounts/email/confirm"), keep({ ...ALICE, email: NEW })),
    http.delete(at("/accounts/email"), () => {
      address = ALICE;
      return new HttpResponse(null, { status: 204 });
    }),
  );
}

beforeEach(() => {
  sent = [];
  queryClient.clear();
});

afterEach(() => vi.useRealTimers());

it("changes the address by the code of a mail", async () => {
  serveAddress(ALICE);
  renderPage(<AddressSettings />);
  expect(await screen.findByText("Confirmed")).toBeVisible();
  await userEvent.type(screen.getByLabelText("New email address"), NEW);
  await userEvent.click(screen.getByRole("button", { name: "Change address" }));
  await userEvent.type(await screen.findByLabelText("Code"), "1234 5678");
  expect(screen.getByText(ALICE.email)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Confirm" }));
  expect(await screen.findByLabelText("New email address")).toHaveValue("");
  expect(screen.getByText(NEW)).toBeVisible();
  expect(sent).toEqual([
    ["POST", { email: NEW }],
    ["POST", { email: NEW, code: "1234 5678" }],
  ]);
});

it("cancels a change", async () => {
  serveAddress(WAITING);
  renderPage(<AddressSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "Cancel the change" }));
  expect(await screen.findByLabelText("New email address")).toBeVisible();
});

it("adds a first address", async () => {
  serveAddress({ ...ALICE, email: null, is_confirmed: false });
  renderPage(<AddressSettings />);
  expect(await screen.findByText("No email address")).toBeVisible();
  expect(screen.getByRole("button", { name: "Add address" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Confirm this address" })).toBeNull();
});

it("waits before the mail is asked for again, as long as the server says", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  server.use(
    http.post(at("/_allauth/browser/v1/auth/email/verify/resend"), () =>
      HttpResponse.json(
        { type: "x", title: "", status: 429, detail: "", code: "too_many_attempts" },
        { status: 429, headers: { "Retry-After": "3000" } },
      ),
    ),
  );
  renderPage(<VerifyForm onDone={() => {}} />);
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  expect(await screen.findByRole("button", { name: "Send the mail again in 1:00" })).toBeDisabled();
  await vi.advanceTimersByTimeAsync(61_000);
  await user.click(await screen.findByRole("button", { name: "Send the mail again" }));
  expect(
    await screen.findByRole("button", { name: /^Send the mail again in 50:00/ }),
  ).toBeDisabled();
});

it("shows a wrong code beside its field", async () => {
  const detail = "This is not the code of the mail.";
  server.use(
    http.post(at("/_allauth/browser/v1/auth/email/verify"), () =>
      HttpResponse.json(
        { status: 400, errors: [{ message: detail, code: "wrong_code", param: "key" }] },
        { status: 400 },
      ),
    ),
  );
  renderPage(<VerifyForm onDone={() => {}} />);
  await userEvent.type(await screen.findByLabelText("Code"), "0000 0000");
  await userEvent.click(screen.getByRole("button", { name: "Confirm" }));
  expect(await screen.findByText(detail)).toBeVisible();
});
