import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { setLanguage } from "@/i18n";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { JoinPage } from "./JoinPage";
import { SecuritySettings } from "./SecuritySettings";

function advise(advised_password_length: number | null): void {
  queryClient.clear();
  const form = { fields: [], password_rules: [], providers: [], links: [] };
  server.use(
    http.get(at("/accounts/join"), () => HttpResponse.json({ ...form, advised_password_length })),
    http.get(at("/accounts/login"), () => HttpResponse.json(form)),
    http.get(at("/accounts/profile"), () => HttpResponse.json(null)),
    http.get(at("/accounts/email"), () => HttpResponse.json({ email: "a@example.com" })),
    http.get(at("/_allauth/browser/v1/account/authenticators"), () =>
      HttpResponse.json({ status: 200, data: [] }),
    ),
    http.get(at("/_allauth/browser/v1/account/providers"), () => HttpResponse.json({ data: [] })),
    http.get(at("/_allauth/browser/v1/auth/session"), () =>
      HttpResponse.json({ data: { user: { has_usable_password: true } } }),
    ),
  );
  mockMedia(() => false);
}

it.each([
  ["joining", <JoinPage key="join" />, "Password"],
  ["another password", <SecuritySettings key="change" />, "New password"],
])("advises a longer password for %s", async (_name, page, label) => {
  advise(15);
  renderPage(page);
  const advice = await screen.findByText("At least 8 characters; 15 or more are safer.");
  expect(screen.getByLabelText(label).getAttribute("aria-describedby")).toBe(advice.id);
});

it("advises in Korean", async () => {
  advise(15);
  await setLanguage("ko", { keep: false });
  renderPage(<JoinPage />);
  await screen.findByText("8자 이상 입력해 주십시오. 15자 이상이면 더 안전합니다.");
  await setLanguage("en", { keep: false });
});

it("advises none where addresses are confirmed by mail", async () => {
  advise(null);
  renderPage(<JoinPage />);
  await screen.findByText("At least 8 characters.");
  expect(screen.queryByText(/safer/)).toBeNull();
});
