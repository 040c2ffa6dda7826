import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { setLanguage } from "@/i18n";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { JoinPage } from "./JoinPage";
import { LoginPage } from "./LoginPage";
import type { Provider } from "./providers";

const ALL = [
  { id: "kakao", name: "Kakao" },
  { id: "naver", name: "Naver" },
  { id: "google", name: "Google" },
  { id: "github", name: "GitHub" },
  { id: "oidc", name: "Example ID" },
];

function serve(providers: Provider[]): void {
  queryClient.clear();
  const form = { fields: [], providers, links: [] };
  const join = { ...form, password_rules: [], advised_password_length: null };
  server.use(
    http.get(at("/accounts/login"), () => HttpResponse.json(form)),
    http.get(at("/accounts/join"), () => HttpResponse.json(join)),
    http.get(at("/_allauth/browser/v1/auth/session"), () => {
      // biome-ignore lint/suspicious/noDocumentCookie: as the server's response would set it
      document.cookie = "csrftoken=token-of-the-test; path=/";
      return HttpResponse.json({ status: 401 }, { status: 401 });
    }),
  );
  mockMedia(() => false);
}

const names = () =>
  within(screen.getByRole("region", { name: /Other ways|다른/ }))
    .getAllByRole("button")
    .map((button) => button.textContent);

it.each([
  ["signing in", <LoginPage key="login" />],
  ["joining", <JoinPage key="join" />],
])("offers the providers when %s, in the server's order", async (_name, page) => {
  serve(ALL);
  renderPage(page);
  await screen.findByRole("button", { name: "Login with Kakao" });
  expect(names()).toEqual([
    "Login with Kakao",
    "Continue with Naver",
    "Continue with Google",
    "Continue with GitHub",
    "Continue with Example ID",
  ]);
});

it("names them in Korean", async () => {
  serve([...ALL].reverse());
  await setLanguage("ko", { keep: false });
  renderPage(<LoginPage />);
  await screen.findByRole("button", { name: "카카오 로그인" });
  expect(names()).toEqual([
    "Example ID 계정으로 계속하기",
    "GitHub 계정으로 계속하기",
    "Google 계정으로 계속하기",
    "네이버 로그인",
    "카카오 로그인",
  ]);
  await setLanguage("en", { keep: false });
});

it("shows nothing where the site has no provider", async () => {
  serve([]);
  renderPage(<LoginPage />);
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  expect(screen.queryByRole("region", { name: "Other ways to sign in" })).toBeNull();
  expect(screen.queryByText("or")).toBeNull();
});

it("leaves by a form with the token, and comes back to where it began", async () => {
  serve(ALL);
  const sent: unknown[] = [];
  vi.spyOn(HTMLFormElement.prototype, "submit").mockImplementation(function (
    this: HTMLFormElement,
  ) {
    sent.push([this.method, new URL(this.action).pathname, Object.fromEntries(new FormData(this))]);
  });
  renderPage(<LoginPage />, "/?next=/quotes%3Fq%3Da%26page%3D2");
  const button = await screen.findByRole("button", { name: "Continue with Example ID" });
  await userEvent.click(button);
  await userEvent.click(button);
  await waitFor(() => expect(button).toHaveAttribute("aria-busy", "true"));
  const fields = {
    provider: "oidc",
    process: "login",
    callback_url: "/login/callback?next=%2Fquotes%3Fq%3Da%26page%3D2",
    csrfmiddlewaretoken: "token-of-the-test",
  };
  await waitFor(() =>
    expect(sent).toEqual([["post", "/_allauth/browser/v1/auth/provider/redirect", fields]]),
  );
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  await waitFor(() => expect(button).not.toHaveAttribute("aria-busy"));
});
