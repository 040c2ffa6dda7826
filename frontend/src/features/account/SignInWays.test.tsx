import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { SecuritySettings } from "./SecuritySettings";
import { SignInWays } from "./SignInWays";

const OIDC = { id: "oidc", name: "Example ID" };
const KAKAO = { id: "kakao", name: "Kakao" };
const account = (provider: object, uid: string, display: string) => ({
  provider,
  uid,
  display,
  connected_at: "2026-03-01T09:00:00+09:00",
});
type Account = ReturnType<typeof account>;

function serve(providers: object[], accounts: Account[], has_password = true): unknown[] {
  queryClient.clear();
  const requests: unknown[] = [];
  const here = at("/_allauth/browser/v1/account/providers");
  const answer = (data: unknown) => HttpResponse.json({ status: 200, data });
  server.use(
    http.get(at("/accounts/login"), () => HttpResponse.json({ fields: [], providers, links: [] })),
    http.get(here, () => answer(accounts)),
    http.get(at("/accounts/profile"), () =>
      HttpResponse.json({ email: "hana@example.com", has_password }),
    ),
    http.delete(here, async ({ request }) => {
      requests.push(await request.json());
      if (accounts.length > 1 || has_password) return answer(accounts.slice(1));
      const errors = [{ code: "last_way", message: "No." }];
      return HttpResponse.json({ status: 400, errors }, { status: 400 });
    }),
  );
  mockMedia(() => false);
  return requests;
}

const rows = () => screen.getAllByRole("listitem").map((row) => row.textContent);

it("lists the password, what is connected since when, and what can be", async () => {
  serve([KAKAO, OIDC], [account(OIDC, "u-1", "hana@example.com")]);
  renderPage(<SignInWays />);
  await screen.findByRole("button", { name: "Connect Kakao" });
  expect(rows()).toEqual([
    "PasswordYou have a password.",
    "Example IDhana@example.com · Connected March 1, 2026Disconnect",
    "KakaoNot connectedConnect",
  ]);
});

it("disconnects one", async () => {
  const requests = serve([OIDC], [account(OIDC, "u-1", "u-1")]);
  renderPage(<SignInWays />);
  await userEvent.click(await screen.findByRole("button", { name: "Disconnect Example ID" }));
  await screen.findByRole("button", { name: "Connect Example ID" });
  expect(requests).toEqual([{ provider: "oidc", account: "u-1" }]);
});

it("explains that the last way stays", async () => {
  serve([OIDC], [account(OIDC, "u-1", "")], false);
  renderPage(<SignInWays />);
  await userEvent.click(await screen.findByRole("button", { name: "Disconnect Example ID" }));
  const alert = within(await screen.findByRole("alert"));
  alert.getByText("This is your last way to sign in");
  expect(rows()[0]).toBe("PasswordYou have no password.");
});

it("lets a member without a password set one", async () => {
  serve([OIDC], [account(OIDC, "u-1", "")], false);
  const bodies: unknown[] = [];
  server.use(
    http.get(at("/accounts/email"), () =>
      HttpResponse.json({ email: "hana@example.com", is_confirmed: true, pending: null }),
    ),
    http.get(at("/_allauth/browser/v1/account/authenticators"), () =>
      HttpResponse.json({ status: 200, data: [] }),
    ),
    http.get(at("/accounts/join"), () => HttpResponse.json({ providers: [] })),
    http.patch(at("/accounts/profile"), async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json({ email: "hana@example.com", has_password: true });
    }),
  );
  renderPage(<SecuritySettings />);
  await screen.findByRole("heading", { level: 2, name: "Set a password" });
  expect(screen.queryByLabelText("Current password")).toBeNull();
  await userEvent.type(screen.getByLabelText("New password"), "staple of paper");
  await userEvent.click(screen.getByRole("button", { name: "Set a password" }));
  await waitFor(() => expect(bodies).toEqual([{ new_password: "staple of paper" }]));
  expect(await screen.findByText("You have a password.")).toBeInTheDocument();
});

it("keeps one that is connected and no longer offered, so that it can be removed", async () => {
  serve([], [account(KAKAO, "7", "")]);
  renderPage(<SignInWays />);
  await screen.findByRole("button", { name: "Disconnect Kakao" });
});

it("shows nothing where there is no provider", async () => {
  serve([], []);
  const { container } = renderPage(<SignInWays />);
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  expect(container).toBeEmptyDOMElement();
});

it("shows with what error the browser came back, once", async () => {
  serve([KAKAO], []);
  renderPage(<SignInWays />, "/?error=connected_elsewhere&provider=kakao");
  const alert = await screen.findByText(/^This account of Kakao belongs to another account/);
  expect(alert).toBeVisible();
});
