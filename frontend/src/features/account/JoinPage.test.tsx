import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import { guestEmail } from "./guestEmail";
import { JoinPage } from "./JoinPage";
import { VerifyPage } from "./RecoveryPages";

let sent: unknown[];
let asked: number; // how often the server was asked about an invitation

beforeEach(() => {
  sent = [];
  asked = 0;
  guestEmail.value = "";
  queryClient.clear();
  window.scrollTo = () => {};
  mockMedia(() => false);
});

/** `invitation` is what the server says of the link; null if it cannot be used. */
function site(
  mode: string,
  {
    domains = [] as string[],
    joinStatus = 202,
    invitation = null as { email: string } | null,
  } = {},
): void {
  const form = { fields: [], password_rules: [], providers: [], links: [] };
  const signup = { mode, domains };
  server.use(
    http.get(at("/accounts/join"), () =>
      HttpResponse.json({ ...form, advised_password_length: null, signup }),
    ),
    http.post(at("/accounts/join/invitation"), () => {
      asked += 1;
      return invitation
        ? HttpResponse.json({ ...invitation, expires_at: "2026-12-01T00:00:00+09:00" })
        : problemResponse(403, "signup_invite");
    }),
    http.post(at("/_allauth/browser/v1/auth/signup"), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ status: joinStatus }, { status: joinStatus });
    }),
  );
}

const button = () => screen.findByRole("button", { name: "Join" });

async function fill(email?: string): Promise<void> {
  const submit = await button();
  if (email) await userEvent.type(screen.getByLabelText("Email"), email);
  await userEvent.type(screen.getByLabelText("Password"), "staple of paper");
  await userEvent.click(submit);
}

describe("without an invitation", () => {
  it.each([
    ["closed", /Nobody can join this site/],
    ["invite", /This site is by invitation/],
  ])("has no form where the site is %s", async (mode, text) => {
    site(mode);
    renderPage(<JoinPage />);
    expect(await screen.findByText(text)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Join" })).toBeNull();
  });

  it("says before and after that staff approve", async () => {
    site("approval");
    renderPage(<JoinPage />);
    expect(await screen.findByText(/staff look at each request/)).toBeVisible();
    await fill("dora@example.com");
    expect(await screen.findByText(/waits for approval/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Join" })).toBeNull();
    expect(sent).toEqual([
      { email: "dora@example.com", password: "staple of paper", nickname: "" },
    ]);
  });

  it("lists the domains", async () => {
    site("open", { domains: ["school.example", ".uni.example"] });
    renderPage(<JoinPage />);
    expect(await screen.findByText("school.example")).toBeVisible();
    expect(screen.getByText("uni.example and its subdomains")).toBeVisible();
    expect(await button()).toBeVisible();
  });
});

describe("with an invitation", () => {
  it.each(["invite", "approval", "open"])("joins where the site is %s", async (mode) => {
    site(mode, { joinStatus: 401, invitation: { email: "" } });
    renderPage(<JoinPage />, "/#invite=good");
    expect(await screen.findByText("You are invited.")).toBeVisible();
    expect(screen.queryByText(/staff look at each request/)).toBeNull();
    await fill("eve@example.com");
    expect(await screen.findByText(/sent you a mail/)).toBeVisible();
    expect(sent).toEqual([expect.objectContaining({ invitation: "good" })]);
  });

  it("is for its address only", async () => {
    site("invite", { invitation: { email: "dora@example.com" } });
    renderPage(<JoinPage />, "/#invite=bound");
    await button();
    expect(screen.getByLabelText("Email")).toHaveValue("dora@example.com");
    expect(screen.getByLabelText("Email")).toHaveAttribute("readonly");
    await fill();
    expect(sent).toEqual([expect.objectContaining({ email: "dora@example.com" })]);
  });

  it("has no form if it has ended and one is needed", async () => {
    site("invite");
    renderPage(<JoinPage />, "/#invite=ended");
    expect(await screen.findByText(/This invitation cannot be used/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Join" })).toBeNull();
  });

  it("joins without it where none is needed", async () => {
    site("open", { joinStatus: 401 });
    renderPage(<JoinPage />, "/#invite=ended");
    expect(await screen.findByText(/This invitation cannot be used/)).toBeVisible();
    await fill("eve@example.com");
    expect(sent).toEqual([expect.not.objectContaining({ invitation: "ended" })]);
    expect(asked).toBe(1);
  });
});

it("says that staff have to approve after the address is confirmed", async () => {
  server.use(
    http.post(at("/_allauth/browser/v1/auth/email/verify"), () =>
      HttpResponse.json({ status: 202, data: { waits_for: "approval" } }, { status: 202 }),
    ),
  );
  renderPage(<VerifyPage />, "/#key");
  await userEvent.click(await screen.findByRole("button", { name: "Confirm" }));
  expect(await screen.findByText(/waits for approval/)).toBeVisible();
  expect(screen.queryByRole("link", { name: "Sign in" })).toBeNull();
});
