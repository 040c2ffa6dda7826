/** Every address of the page. What is behind a sign-in waits for the profile and remembers the way. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { queryClient } from "./api/queries";
import { profileQuery } from "./features/account/session";
import { AppShell } from "./layout/AppShell";
import { Crashed } from "./layout/Crashed";
import { NotFound } from "./layout/NotFound";
import { Root } from "./layout/Root";
import { Waiting } from "./layout/Waiting";

interface Search {
  next?: string;
  ask?: string;
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

/** Only a path of our own: an address elsewhere would make the sign-in a way to phish. */
export function ownPath(value: unknown): string | undefined {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
}

const guests = createRoute({
  getParentRoute: () => root,
  id: "guests",
  validateSearch: (search): Search => {
    const next = ownPath(search.next);
    return next ? { next } : {};
  },
  beforeLoad: async ({ search }) => {
    const profile = await queryClient.ensureQueryData(profileQuery).catch(() => null);
    if (profile) throw redirect({ href: search.next ?? "/", replace: true });
  },
});
const login = createRoute({
  getParentRoute: () => guests,
  path: "/login",
  component: lazyRouteComponent(() => import("./features/account/LoginPage"), "LoginPage"),
});
const join = createRoute({
  getParentRoute: () => guests,
  path: "/join",
  component: lazyRouteComponent(() => import("./features/account/JoinPage"), "JoinPage"),
});

const recovery = () => import("./features/account/RecoveryPages");
const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(recovery, "ResetPage"),
});
const newPassword = createRoute({
  getParentRoute: () => root,
  path: "/reset/$key",
  component: lazyRouteComponent(recovery, "NewPasswordPage"),
});
const verify = createRoute({
  getParentRoute: () => root,
  path: "/verify-email/$key",
  component: lazyRouteComponent(recovery, "VerifyPage"),
});

const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: AppShell,
  beforeLoad: async ({ location }) => {
    const profile = await queryClient.ensureQueryData(profileQuery);
    if (profile) return;
    const search = location.href === "/" ? {} : { next: location.href };
    throw redirect({ to: "/login", search, replace: true });
  },
});

// One component for a new and a known conversation: the first answer is on the page while its
// address changes.
const chat = createRoute({
  getParentRoute: () => app,
  id: "chat",
  component: lazyRouteComponent(() => import("./features/chat/ChatPage"), "ChatPage"),
});
const newChat = createRoute({
  getParentRoute: () => chat,
  path: "/",
  validateSearch: (search): Search => (typeof search.ask === "string" ? { ask: search.ask } : {}),
});
const oneChat = createRoute({ getParentRoute: () => chat, path: "/c/$id" });

export interface BoardSearch {
  q?: string;
  page?: number;
  state?: "applied" | "pending" | "declined";
  sort?: "new" | "liked";
  speaker?: string;
  source?: string;
  language?: string;
}

// A word of digits alone comes out of the address as a number.
const word = (name: "q" | "speaker" | "source", value: unknown) =>
  value ? { [name]: String(value).slice(0, 200) } : {};

export function boardSearch(search: Record<string, unknown>): BoardSearch {
  const page = Math.trunc(Number(search.page));
  const { state, sort, language } = search;
  const isKnown = state === "applied" || state === "pending" || state === "declined";
  return {
    ...word("q", search.q),
    ...(page > 1 ? { page } : {}),
    ...(isKnown ? { state } : {}),
    ...(sort === "new" || sort === "liked" ? { sort } : {}),
    ...word("speaker", search.speaker),
    ...word("source", search.source),
    ...(typeof language === "string" && /^[a-z]{2,3}(-\w{1,6})?$/i.test(language)
      ? { language }
      : {}),
  };
}

const board = createRoute({
  getParentRoute: () => app,
  path: "/quotes",
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import("./features/quotes/BoardPage"), "BoardPage"),
});
const mine = createRoute({
  getParentRoute: () => app,
  path: "/quotes/mine",
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import("./features/quotes/BoardPage"), "MinePage"),
});
const submit = createRoute({
  getParentRoute: () => app,
  path: "/quotes/new",
  component: lazyRouteComponent(() => import("./features/quotes/QuoteFormPages"), "SubmitPage"),
});
const quote = createRoute({
  getParentRoute: () => app,
  path: "/quotes/$id",
  component: lazyRouteComponent(() => import("./features/quotes/QuotePage"), "QuotePage"),
});
const editQuote = createRoute({
  getParentRoute: () => app,
  path: "/quotes/$id/edit",
  component: lazyRouteComponent(() => import("./features/quotes/QuoteFormPages"), "EditPage"),
});

const settingsPages = () => import("./features/account/SettingsPages");
const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  component: lazyRouteComponent(settingsPages, "SettingsPage"),
});
const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: "/",
  component: lazyRouteComponent(settingsPages, "SettingsIndex"),
});
const profileSettings = createRoute({
  getParentRoute: () => settings,
  path: "/profile",
  component: lazyRouteComponent(settingsPages, "ProfileSettings"),
});
const securitySettings = createRoute({
  getParentRoute: () => settings,
  path: "/security",
  component: lazyRouteComponent(settingsPages, "SecuritySettings"),
});
const dataSettings = createRoute({
  getParentRoute: () => settings,
  path: "/data",
  component: lazyRouteComponent(settingsPages, "DataSettings"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    guests.addChildren([login, join]),
    reset,
    newPassword,
    verify,
    app.addChildren([
      chat.addChildren([newChat, oneChat]),
      board,
      mine,
      submit,
      quote,
      editQuote,
      settings.addChildren([settingsIndex, profileSettings, securitySettings, dataSettings]),
    ]),
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: Crashed,
  defaultPendingComponent: Waiting,
  defaultPendingMs: 300,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
