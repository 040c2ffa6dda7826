import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Session } from "@/api/client";
import { queryClient } from "@/api/queries";
import { mockMedia, renderPage } from "@/test/renderPage";
import { at, problemResponse, server } from "@/test/server";
import FreshSignInDialog from "./FreshSignInDialog";
import { SessionSettings } from "./SessionSettings";

function session(change: Partial<Session>): Session {
  return {
    id: "00000000-0000-4000-8000-000000000001",
    kind: "browser",
    program: "Firefox",
    system: "Windows",
    user_agent: "Mozilla/5.0",
    ip_address: "203.0.113.7",
    created_at: "2026-03-01T09:00:00+09:00",
    last_seen_at: "2026-03-02T09:00:00+09:00",
    is_current: false,
    links: [],
    ...change,
  };
}

const OWN = session({ is_current: true });
const PHONE = session({ id: "p", program: "Safari", system: "iPhone", ip_address: null });
const PROGRAM = session({ id: "t", kind: "program", program: "curl", system: "" });

/** Serves the list, as it is after each deletion; returns the ids that were ended. */
function serve(sessions: Session[]): string[] {
  const ended: string[] = [];
  server.use(
    http.get(at("/accounts/sessions"), () =>
      HttpResponse.json({
        results: sessions.filter(({ id, is_current }) =>
          ended.includes("others") ? is_current : !ended.includes(id),
        ),
        links: [],
      }),
    ),
    http.delete(at("/accounts/sessions/:id"), ({ params }) => {
      ended.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
    http.delete(at("/accounts/sessions"), () => {
      ended.push("others");
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return ended;
}

beforeEach(() => {
  queryClient.clear();
  mockMedia(() => false);
});

it("lists browsers and programs, this session marked", async () => {
  serve([OWN, PHONE, PROGRAM]);
  renderPage(<SessionSettings />);
  const own = (await screen.findByText("Firefox on Windows")).closest("li") as HTMLElement;
  expect(within(own).getByText("This session")).toBeInTheDocument();
  expect(within(own).getByText("Address 203.0.113.7")).toBeInTheDocument();
  expect(within(own).queryByRole("button")).toBeNull();
  const program = screen.getByText("curl").closest("li") as HTMLElement;
  expect(within(program).getByText(/^Last renewed/)).toBeInTheDocument();
  const phone = screen.getByText("Safari on iPhone").closest("li") as HTMLElement;
  expect(within(phone).queryByText(/^Address/)).toBeNull();
});

it("signs one out and keeps the focus in its list", async () => {
  const ended = serve([OWN, PHONE, PROGRAM]);
  renderPage(<SessionSettings />);
  await userEvent.click(await screen.findByRole("button", { name: /^Sign out Safari on iPhone/ }));
  await waitFor(() => expect(screen.queryByText("Safari on iPhone")).toBeNull());
  expect(ended).toEqual(["p"]);
  expect(document.activeElement?.tagName).toBe("UL");
});

it("asks before it signs out everywhere else", async () => {
  const ended = serve([OWN, PHONE, PROGRAM]);
  renderPage(<SessionSettings />);
  await userEvent.click(await screen.findByRole("button", { name: "Sign out everywhere else" }));
  expect(ended).toEqual([]);
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Sign out everywhere else" }));
  expect(await screen.findByText("No program is signed in.")).toBeInTheDocument();
  expect(ended).toEqual(["others"]);
  expect(screen.queryByRole("button", { name: "Sign out everywhere else" })).toBeNull();
});

it("says why one could not be signed out, and shows it still", async () => {
  serve([OWN, PHONE]);
  server.use(
    http.delete(at("/accounts/sessions/:id"), () =>
      problemResponse(403, "fresh_sign_in_required", "Confirm that it is you, then try again."),
    ),
  );
  renderPage(
    <>
      <SessionSettings />
      <FreshSignInDialog />
    </>,
  );
  await userEvent.click(await screen.findByRole("button", { name: /^Sign out Safari/ }));
  await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Confirm that it is you");
  expect(screen.getByText("Safari on iPhone")).toBeInTheDocument();
});

it("takes one that has ended meanwhile for ended", async () => {
  const ended = serve([OWN, PHONE]);
  server.use(
    http.delete(at("/accounts/sessions/:id"), () => {
      ended.push("p");
      return problemResponse(404, "not_found");
    }),
  );
  renderPage(<SessionSettings />);
  await userEvent.click(await screen.findByRole("button", { name: /^Sign out Safari/ }));
  await waitFor(() => expect(screen.queryByText("Safari on iPhone")).toBeNull());
  expect(screen.queryByRole("alert")).toBeNull();
});

it("offers to try again where the list could not be loaded", async () => {
  server.use(http.get(at("/accounts/sessions"), () => problemResponse(400, "invalid")));
  renderPage(<SessionSettings />);
  expect(await screen.findByRole("button", { name: "Try again" })).toBeInTheDocument();
});
