import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import { ActivitySettings } from "./ActivitySettings";

const event = (change: object) => ({
  id: 1,
  kind: "signed_in",
  text: "signed in",
  reason: "",
  count: 1,
  ip_address: "203.0.113.7",
  user_agent: "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0",
  program: "Firefox",
  system: "Windows",
  by_staff: false,
  details: {},
  created_at: "2026-03-01T09:00:00+09:00",
  ...change,
});

function serve(...results: object[]): void {
  const page = { count: results.length, page: 1, per_page: 20, results };
  server.use(http.get(at("/accounts/events"), () => HttpResponse.json(page)));
}

beforeEach(() => {
  queryClient.clear();
  mockMedia(() => false);
});

it.each([
  [{}, "Firefox on Windows · from 203.0.113.7"],
  [{ program: "curl", system: "", ip_address: null }, "curl"],
  [
    { program: "", system: "", reason: "wrong_password", count: 3 },
    "wrong password · 3 times · from 203.0.113.7",
  ],
])("says what happened, on which device and from where: %j", async (change, details) => {
  serve(event(change));
  renderPage(<ActivitySettings />);
  const entry = within(await screen.findByRole("listitem"));
  expect(entry.getByText("signed in")).toBeInTheDocument();
  expect(entry.getByText(details)).toBeInTheDocument();
  expect(entry.queryByText(/Mozilla/)).toBeNull();
});

it("says that nothing has happened yet", async () => {
  serve();
  renderPage(<ActivitySettings />);
  expect(await screen.findByText("Nothing has happened yet.")).toBeInTheDocument();
});
