import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { ApiError, asApiError, type Flow, problemOf } from "@/api/apiError";
import { allauth } from "@/api/client";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { Button } from "@/ui/Button";
import { useForm } from "@/ui/useForm";
import FreshSignInDialog from "./FreshSignInDialog";
import { useFreshSignIn, withFreshSignIn } from "./freshSignIn";

const SESSION = "/_allauth/browser/v1";
const PASSWORD: Flow = { id: "reauthenticate" };
const FACTORS: Flow = { id: "mfa_reauthenticate", types: ["totp", "recovery_codes"] };
let isFresh: boolean;
let sent: unknown[];

/** A server whose password is `right` and whose code is 123456. */
beforeEach(() => {
  isFresh = false;
  sent = [];
  window.scrollTo = () => {};
  const check = async ({ request }: { request: Request }) => {
    const body = (await request.json()) as { password?: string; code?: string };
    sent.push(body);
    isFresh = body.password === "right" || body.code === "123456";
    if (isFresh) return HttpResponse.json({ status: 200 });
    const param = "code" in body ? "code" : "password";
    const errors = [{ param, code: "wrong", message: "Not correct." }];
    return HttpResponse.json({ status: 400, errors }, { status: 400 });
  };
  server.use(
    http.post(at(`${SESSION}/auth/reauthenticate`), check),
    http.post(at(`${SESSION}/auth/2fa/reauthenticate`), check),
    http.get(at("/accounts/join"), () =>
      HttpResponse.json({ providers: [{ id: "kakao", name: "Kakao" }] }),
    ),
  );
});

function refusal(...flows: Flow[]): ApiError {
  return new ApiError({ ...problemOf("fresh_sign_in_required", 403, "Confirm."), flows });
}

/** An action that the server refuses without a fresh sign-in; notes its calls. */
function dangerous(...flows: Flow[]) {
  const calls: string[] = [];
  const action = async () => {
    calls.push(isFresh ? "done" : "refused");
    if (!isFresh) throw refusal(...flows);
    return "done";
  };
  return { calls, action };
}

function Page({ action }: { action: () => Promise<unknown> }) {
  const fresh = useFreshSignIn();
  const form = useForm(async () => {
    await fresh(action);
  });
  return (
    <form {...form.props}>
      <Button type="submit" busy={form.busy}>
        Delete
      </Button>
      {form.error && <p role="alert">{form.error.code}</p>}
      <FreshSignInDialog />
    </form>
  );
}

async function open(action: () => Promise<unknown>) {
  renderPage(<Page action={action} />);
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  return screen.findByRole("dialog", { name: "Confirm that it is you" });
}

it("asks for the password, and does it once more", async () => {
  const { calls, action } = dangerous(PASSWORD);
  expect(await open(action)).toHaveAccessibleDescription(/fresh sign-in/);
  const field = screen.getByLabelText("Password");
  expect(field).toHaveFocus();
  await userEvent.type(field, "wrong{Enter}");
  expect(await screen.findByText("Not correct.")).toBeVisible();
  expect(field).toHaveFocus();
  await userEvent.clear(field);
  await userEvent.type(field, "right{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls).toEqual(["refused", "done"]);
  await waitFor(() => expect(screen.getByRole("button", { name: "Delete" })).toHaveFocus());
  expect(screen.queryByRole("alert")).toBeNull();
});

it("takes a code instead", async () => {
  const { calls, action } = dangerous(PASSWORD, FACTORS);
  await open(action);
  expect(screen.queryByRole("button", { name: /passkey/ })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Use a code from your app instead" }));
  const field = screen.getByLabelText("Code from your app");
  expect(field).toHaveFocus();
  expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await userEvent.type(field, "123456{Enter}");
  await waitFor(() => expect(calls).toEqual(["refused", "done"]));
  expect(sent).toEqual([{ code: "123456" }]);
});

it("fails with the refusal when the user cancels", async () => {
  const { calls, action } = dangerous(PASSWORD);
  await open(action);
  await userEvent.keyboard("{Escape}");
  expect(await screen.findByText("fresh_sign_in_required")).toBeVisible();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(calls).toEqual(["refused"]);
  await waitFor(() => expect(screen.getByRole("button", { name: "Delete" })).toHaveFocus());
});

it("asks once for several actions", async () => {
  const { calls, action } = dangerous(PASSWORD);
  renderPage(<FreshSignInDialog />);
  const both = Promise.all([withFreshSignIn(action), withFreshSignIn(action)]);
  await userEvent.type(await screen.findByLabelText("Password"), "right{Enter}");
  expect(await both).toEqual(["done", "done"]);
  expect(calls).toEqual(["refused", "refused", "done", "done"]);
  expect(sent).toHaveLength(1);
});

it("does not ask again for a request that was sent before the user confirmed", async () => {
  const { calls, action } = dangerous(PASSWORD);
  renderPage(<FreshSignInDialog />);
  let refuseLate = () => {};
  const late = new Promise<never>((_, reject) => {
    refuseLate = () => reject(refusal(PASSWORD));
  });
  let tries = 0;
  const slow = withFreshSignIn(() => (tries++ === 0 ? late : action()));
  const first = withFreshSignIn(action);
  await userEvent.type(await screen.findByLabelText("Password"), "right{Enter}");
  await first;
  refuseLate();
  expect(await slow).toBe("done");
  expect(calls).toEqual(["refused", "done", "done"]);
  expect(sent).toHaveLength(1);
});

it("does it only once more", async () => {
  let tries = 0;
  const action = async () => {
    tries++;
    throw refusal(PASSWORD);
  };
  renderPage(<FreshSignInDialog />);
  const result = withFreshSignIn(action).catch((error) => asApiError(error).code);
  await userEvent.type(await screen.findByLabelText("Password"), "right{Enter}");
  expect(await result).toBe("fresh_sign_in_required");
  expect(tries).toBe(2);
});

it("lets other errors pass", async () => {
  const error = new ApiError(problemOf("permission_denied", 403));
  await expect(withFreshSignIn(() => Promise.reject(error))).rejects.toBe(error);
});

it("offers providers to people without another way", async () => {
  const { action } = dangerous({ id: "provider_redirect", providers: ["kakao"] });
  await open(action);
  expect(await screen.findByRole("button", { name: "Sign in with Kakao again" })).toBeVisible();
  expect(screen.queryByLabelText("Password")).toBeNull();
  await userEvent.keyboard("{Escape}");
});

it("says what to do where there is no way", async () => {
  await open(dangerous().action);
  expect(await screen.findByText(/^Sign out, and sign in again/)).toBeVisible();
  await userEvent.keyboard("{Escape}");
});

it.each([
  [true, "fresh_sign_in_required", [FACTORS]],
  [false, "not_authenticated", undefined],
])("reads allauth's 401 of a user who is known: %s", async (is_authenticated, code, flows) => {
  const body = { status: 401, data: { flows: [FACTORS] }, meta: { is_authenticated } };
  server.use(
    http.get(at(`${SESSION}/account/authenticators`), () =>
      HttpResponse.json(body, { status: 401 }),
    ),
  );
  const error = await allauth("GET", "account/authenticators").catch(asApiError);
  expect([(error as ApiError).code, (error as ApiError).problem.flows]).toEqual([code, flows]);
});
