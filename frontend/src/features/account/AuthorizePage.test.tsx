import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import { AuthorizePage } from "./AuthorizePage";

const SENT = {
  response_type: "code",
  redirect_uri: "http://127.0.0.1:51004/callback",
  state: "1.0",
  code_challenge: "a".repeat(43),
  code_challenge_method: "S256",
  client_name: "A <b>terminal</b>",
};
const asked = {
  client_name: "A <b>terminal</b>",
  address: "127.0.0.1:51004",
  // An address of this page: jsdom goes nowhere else.
  refusal: `${at("/")}#refused`,
};
let received: unknown[] = [];

beforeEach(() => {
  received = [];
  queryClient.clear();
  queryClient.setQueryData(keys.profile, { nickname: "Hana", email: "hana@example.com" });
  mockMedia(() => false);
  window.location.hash = "";
  server.use(
    http.get(at("/accounts/authorize"), ({ request }) => {
      received.push(Object.fromEntries(new URL(request.url).searchParams));
      return HttpResponse.json(asked);
    }),
    http.post(at("/accounts/authorize"), async ({ request }) => {
      received.push(await request.json());
      return HttpResponse.json({ redirect_to: `${at("/")}#allowed` });
    }),
  );
});

const open = (sent: object = SENT) =>
  renderPage(<AuthorizePage />, `/?${new URLSearchParams(sent as Record<string, string>)}`);
const press = async (name: string) => userEvent.click(await screen.findByRole("button", { name }));

it("says which program asks, as whom, and what it may do", async () => {
  open();
  expect(await screen.findByRole("heading", { name: "A program asks to sign in" })).toBeVisible();
  expect((await screen.findByText("A <b>terminal</b>")).tagName).toBe("BDI");
  expect(screen.getByText(/nobody has checked it/)).toBeVisible();
  expect(screen.getByText(/at 127\.0\.0\.1:51004/)).toBeVisible();
  expect(screen.getByText("Hana")).toBeVisible();
  expect(screen.getByText("hana@example.com")).toBeVisible();
  expect(screen.getAllByRole("listitem")).toHaveLength(3);
  expect(received).toEqual([SENT]);
});

it("says more to staff", async () => {
  queryClient.setQueryData(keys.profile, { nickname: "Hana", email: null, is_staff: true });
  open();
  expect(await screen.findByText(/as staff by the API/)).toBeVisible();
});

it("says so when the program gives no name", async () => {
  server.use(
    http.get(at("/accounts/authorize"), () => HttpResponse.json({ ...asked, client_name: "" })),
  );
  open();
  expect(await screen.findByText("It gives no name.")).toBeVisible();
  expect(screen.queryByText(/calls itself/)).toBeNull();
});

it("goes where the server says after Allow, with what the program has sent", async () => {
  open();
  await press("Allow");
  expect(await screen.findByRole("heading", { name: "Go back to the program" })).toBeVisible();
  expect(received).toEqual([SENT, SENT]);
  expect(window.location.hash).toBe("#allowed");
  expect(screen.queryByRole("button", { name: "Allow" })).toBeNull();
});

it("asks nothing of the server for Refuse", async () => {
  open();
  await press("Refuse");
  expect(await screen.findByText(/has not been signed in/)).toBeVisible();
  expect(window.location.hash).toBe("#refused");
  expect(received).toHaveLength(1);
});

it("sends a request that is not valid nowhere, and says what is wrong with it", async () => {
  const errors = [
    { field: "redirect_uri", code: "invalid", detail: "No loopback address." },
    { field: "code_challenge", code: "required", detail: "It is missing." },
  ];
  server.use(
    http.get(at("/accounts/authorize"), () =>
      HttpResponse.json({ code: "invalid", status: 400, detail: "", errors }, { status: 400 }),
    ),
  );
  open({ redirect_uri: "https://evil.example/" });
  expect(await screen.findByRole("heading", { name: "This request is not valid" })).toBeVisible();
  const items = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(items).toEqual(["redirect_uri: No loopback address.", "code_challenge: It is missing."]);
  const links = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
  expect(new Set(links)).toEqual(new Set(["/"]));
  expect(screen.queryByRole("button", { name: "Allow" })).toBeNull();
});

it.each([
  [429, "too_many_attempts", /Too many attempts/],
  [403, "csrf_failed", /reload/i],
] as const)("stays when the server refuses with %s", async (status, code, text) => {
  server.use(http.post(at("/accounts/authorize"), () => problemResponse(status, code)));
  open();
  await press("Allow");
  expect(await screen.findByRole("alert")).toHaveTextContent(text);
  expect(screen.getByRole("button", { name: "Allow" })).toBeEnabled();
  expect(window.location.hash).toBe("");
});

it("offers to try again when the server is away", async () => {
  server.use(http.get(at("/accounts/authorize"), () => problemResponse(403, "permission_denied")));
  open();
  const failure = within(await screen.findByRole("alert"));
  expect(failure.getByRole("button", { name: "Try again" })).toBeVisible();
});
