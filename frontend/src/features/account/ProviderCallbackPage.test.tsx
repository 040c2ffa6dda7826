import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { ProviderCallbackPage } from "./ProviderCallbackPage";

function open(query: string, profile: object | null = null): void {
  queryClient.clear();
  queryClient.setQueryData(keys.profile, profile);
  const providers = [{ id: "oidc", name: "Example ID" }];
  server.use(
    http.get(at("/accounts/login"), () => HttpResponse.json({ fields: [], providers, links: [] })),
  );
  mockMedia(() => false);
  renderPage(<ProviderCallbackPage />, `/${query}`);
}

const BACK = "Back to the sign-in";

it.each([
  ["cancelled", "You cancelled", BACK],
  ["denied", "Not allowed", BACK],
  ["unknown", "This did not work", BACK],
  ["expired", "Please start again", BACK],
  ["address_taken", "You seem to have an account", "Sign in the way you did before"],
  ["signup_closed", "Joining is closed", BACK],
  ["signup_invite", "You need an invitation", BACK],
  ["signup_approval", "Your request is noted", BACK],
  ["signup_domain", "Another address is needed", BACK],
  ["join_declined", "Your request was declined", BACK],
  ["inactive", "This account is closed", BACK],
  ["verify_email", "Confirm your address", BACK],
  ["<b>of another version</b>", "This did not work", BACK],
])("explains %s, and leads on to where the user wanted to go", async (error, title, link) => {
  open(`?${new URLSearchParams({ error, provider: "oidc", next: "/quotes" })}`);
  expect(await screen.findByRole("heading", { level: 1, name: title })).toBeVisible();
  expect(document.title).toBe(`${title} · Daesa`);
  const href = screen.getByRole("link", { name: link }).getAttribute("href");
  expect(href).toBe("/login?next=%2Fquotes");
});

it("names the provider by the server's word, and shows nothing else of the address", async () => {
  open("?error=cancelled&provider=oidc");
  await screen.findByText("You did not go on at Example ID. Nothing has changed.");
});

it("names no provider that the site does not have", async () => {
  open("?error=cancelled&provider=Your%20bank");
  await screen.findByText("You did not go on at the provider. Nothing has changed.");
});

it("leads a signed-in user on", async () => {
  open("?error=expired&next=/quotes", { nickname: "Hana", email: null });
  const link = await screen.findByRole("link", { name: "Go on" });
  expect(link.getAttribute("href")).toBe("/quotes");
  expect(screen.queryByRole("link", { name: BACK })).toBeNull();
});
