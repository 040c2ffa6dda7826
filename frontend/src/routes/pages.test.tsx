import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { setSessionLost } from "@/features/account/session";
import { at, chat, frames, problemResponse, reply, server, stream } from "@/test/server";
import { router } from "./router";

const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const profile = {
  email: "alice@example.com",
  nickname: "Alice",
  review_emails: null,
  quota: { limit: 5, used: 0, remaining: 5, resets_at: tomorrow },
};
const done = chat({ chat_reply: reply({ content: "An answer" }) });
const list = { count: 0, page: 1, per_page: 30, results: [], links: [] };
let isSignedIn = true;
let withAddress: string | null;

/** Whole pages, as in a browser, with a server whose session a test can end. */
beforeEach(() => {
  isSignedIn = true;
  withAddress = profile.email;
  setSessionLost(false);
  const signedIn = (answer: () => Response) => () =>
    isSignedIn ? answer() : problemResponse(401, "not_authenticated");
  server.use(
    http.get(
      at("/accounts/profile"),
      signedIn(() => HttpResponse.json({ ...profile, email: withAddress })),
    ),
    http.get(
      at("/conversations"),
      signedIn(() => HttpResponse.json(list)),
    ),
    http.get(
      at("/conversations/7"),
      signedIn(() => HttpResponse.json({ id: 7, title: "T", chat_count: 1, chats: [done] })),
    ),
    http.get(
      at("/models"),
      signedIn(() => HttpResponse.json({ results: [{ id: "one", default: true }] })),
    ),
    http.get(
      at("/quote"),
      signedIn(() => HttpResponse.json(list)),
    ),
    http.get(
      at("/chat/1"),
      signedIn(() => HttpResponse.json(done)),
    ),
    http.post(
      at("/chat"),
      signedIn(() =>
        stream([
          frames([[0, { type: "START", stream_id: "s-1", chat: 1 }]]),
          frames([[9, { type: "END", full_content: "An answer", corrections: [], chat: done }]]),
        ]),
      ),
    ),
    http.get(at("/accounts/login"), () =>
      HttpResponse.json({ fields: [], providers: [{ id: "kakao", name: "Kakao" }], links: [] }),
    ),
    http.post(at("/_allauth/browser/v1/auth/login"), async ({ request }) => {
      const { password } = (await request.json()) as { password: string };
      isSignedIn = password === "right";
      if (isSignedIn) return HttpResponse.json({ status: 200 });
      const error = { param: "password", code: "mismatch", message: "Not correct." };
      return HttpResponse.json({ status: 400, errors: [error] }, { status: 400 });
    }),
  );
  window.scrollTo = () => {};
  Element.prototype.scrollTo = () => {};
  Element.prototype.scrollIntoView = () => {};
  history.replaceState(null, "", "/");
});

function open(): void {
  render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

it("keeps the text when the session has ended, and sends it after signing in", async () => {
  open();
  const field = await screen.findByRole("textbox", { name: "Your question" });
  await screen.findByText("Your conversations will be listed here.");
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  isSignedIn = false;
  await userEvent.type(field, "A long thought{Enter}");
  const dialog = within(await screen.findByRole("dialog", { name: "Sign in again" }));
  await queryClient.refetchQueries({ queryKey: keys.profile });
  expect(dialog.getByLabelText("Email")).toHaveValue("alice@example.com");
  expect(await dialog.findByRole("button", { name: "Login with Kakao" })).toBeVisible();
  expect(field).toHaveValue("A long thought");
  await userEvent.type(dialog.getByLabelText("Password"), "wrong{Enter}");
  expect(await dialog.findByText("Not correct.")).toBeVisible();
  await userEvent.clear(dialog.getByLabelText("Password"));
  await userEvent.type(dialog.getByLabelText("Password"), "right{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(field).toHaveValue("A long thought");
  await userEvent.type(field, "{Enter}");
  expect(await screen.findByText("An answer")).toBeVisible();
});

it("asks a member without an address to sign in by a provider again", async () => {
  withAddress = null;
  open();
  const field = await screen.findByRole("textbox", { name: "Your question" });
  isSignedIn = false;
  await userEvent.type(field, "A thought{Enter}");
  const dialog = within(await screen.findByRole("dialog", { name: "Sign in again" }));
  expect(await dialog.findByRole("button", { name: "Login with Kakao" })).toBeVisible();
  expect(dialog.queryByLabelText("Email")).toBeNull();
});

it("says that the browser is offline, and that nothing is lost", async () => {
  const online = Object.getOwnPropertyDescriptor(Navigator.prototype, "onLine");
  open();
  await screen.findByRole("textbox", { name: "Your question" });
  Object.defineProperty(navigator, "onLine", { value: false, configurable: true });
  window.dispatchEvent(new Event("offline"));
  expect(await screen.findByText(/^You are offline/)).toBeVisible();
  if (online) Object.defineProperty(navigator, "onLine", online);
  window.dispatchEvent(new Event("online"));
  await waitFor(() => expect(screen.queryByText(/^You are offline/)).toBeNull());
});
