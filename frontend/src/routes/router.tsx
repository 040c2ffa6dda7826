/** The page's routes; config/page_routes.json lists their paths for the server. Those below `app`
 * need a signed-in user: others are sent to the sign-in with `?next=`. Only the board and its lines
 * may be read without one.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { asApiError } from "@/api/apiError";
import { queryClient } from "@/api/queries";
import { quoteQuery } from "@/api/quote";
import { onward } from "@/features/account/onward";
import type { FromProvider } from "@/features/account/providerCallback";
import { profileQuery } from "@/features/account/session";
import { boardSearch } from "@/features/quotes/boardSearch";
import { Frame } from "@/layout/Frame";
import { NotFound } from "@/layout/NotFound";
import { Root } from "@/layout/Root";
import { RouteError } from "@/layout/RouteError";
import { RoutePending } from "@/layout/RoutePending";
import { parseSearch, stringifySearch } from "./search";

interface Search {
  next?: string;
  ask?: string;
  /** The chat to show, by its id. */
  chat?: number;
}

/** How a sign-in by a provider came back. */
const fromProvider = (search: Record<string, unknown>): FromProvider =>
  Object.fromEntries(
    ["error", "provider", "next"]
      .map((name) => [name, search[name]])
      .filter(([, value]) => typeof value === "string"),
  );

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

/** The sign-in, which comes back to `href`. */
const toSignIn = (href: string) =>
  redirect({ to: "/login", search: href === "/" ? {} : { next: href }, replace: true });

/** Sends guests to the sign-in. */
async function demandSignIn(href: string): Promise<void> {
  const profile = await queryClient.ensureQueryData(profileQuery);
  if (!profile) throw toSignIn(href);
}

/** Lets guests read, too, and loads what they are shown. Sends them to the sign-in where the server
 * says that the board is not for everybody. Crawlers may not ask for a profile, and are guests.
 */
async function demandReader(href: string, load: () => Promise<unknown>): Promise<void> {
  if (queryClient.getQueryData(profileQuery.queryKey)) return;
  await load().catch((error: unknown) => {
    if (asApiError(error).status === 401) throw toSignIn(href);
  });
}

/** The pages of the board that need no sign-in. */
const OPEN = /^\/quotes(\/\d+)?\/?$/;

const guests = createRoute({
  getParentRoute: () => root,
  id: "guests",
  validateSearch: ({ next }): Search => (typeof next === "string" ? { next } : {}),
  beforeLoad: async ({ search }) => {
    const profile = await queryClient.ensureQueryData(profileQuery).catch(() => null);
    if (profile) throw redirect(onward(search.next));
  },
});
const login = createRoute({
  getParentRoute: () => guests,
  path: "/login",
  component: lazyRouteComponent(() => import("@/features/account/LoginPage"), "LoginPage"),
});
const code = createRoute({
  getParentRoute: () => guests,
  path: "/login/code",
  component: lazyRouteComponent(() => import("@/features/account/CodePage"), "CodePage"),
});
const join = createRoute({
  getParentRoute: () => guests,
  path: "/join",
  component: lazyRouteComponent(() => import("@/features/account/JoinPage"), "JoinPage"),
});

// Below `root`, because a failed sign-in is explained to a signed-in user, too.
const callback = createRoute({
  getParentRoute: () => root,
  path: "/login/callback",
  validateSearch: fromProvider,
  beforeLoad: async ({ search }) => {
    const { wayOn } = await import("@/features/account/providerCallback");
    const href = await wayOn(search);
    if (href) throw redirect({ href, replace: true });
  },
  component: lazyRouteComponent(
    () => import("@/features/account/ProviderCallbackPage"),
    "ProviderCallbackPage",
  ),
});

const recovery = () => import("@/features/account/RecoveryPages");
const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(recovery, "ResetPage"),
});
const verify = createRoute({
  getParentRoute: () => root,
  path: "/verify-email",
  component: lazyRouteComponent(recovery, "VerifyPage"),
});

// Mails of earlier releases have the key in the path instead of the fragment.
const oldReset = createRoute({
  getParentRoute: () => root,
  path: "/reset/$key",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/reset", hash: params.key, replace: true });
  },
});
const oldVerify = createRoute({
  getParentRoute: () => root,
  path: "/verify-email/$key",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/verify-email", hash: params.key, replace: true });
  },
});

const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: Frame,
  beforeLoad: async ({ location }) => {
    if (!OPEN.test(location.pathname)) return demandSignIn(location.href);
    await queryClient.ensureQueryData(profileQuery).catch(() => {});
  },
});

// Without the frame of the other pages: there is one thing to decide.
const authorize = createRoute({
  getParentRoute: () => root,
  path: "/authorize",
  beforeLoad: ({ location }) => demandSignIn(location.href),
  component: lazyRouteComponent(() => import("@/features/account/AuthorizePage"), "AuthorizePage"),
});

// One component for new and existing conversations, so that it stays mounted when the first answer
// changes the address.
const chat = createRoute({
  getParentRoute: () => app,
  id: "chat",
  component: lazyRouteComponent(() => import("@/features/chat/ChatPage"), "ChatPage"),
});
const newChat = createRoute({
  getParentRoute: () => chat,
  path: "/",
  validateSearch: (search): Search => (typeof search.ask === "string" ? { ask: search.ask } : {}),
});
const oneChat = createRoute({
  getParentRoute: () => chat,
  path: "/c/$id",
  validateSearch: (search): Search =>
    Number.isSafeInteger(search.chat) ? { chat: search.chat as number } : {},
});

const board = createRoute({
  getParentRoute: () => app,
  path: "/quotes",
  validateSearch: boardSearch,
  beforeLoad: ({ location, search }) =>
    demandReader(location.href, async () => {
      const { boardQuery } = await import("@/features/quotes/api");
      await queryClient.ensureQueryData(boardQuery(search));
    }),
  component: lazyRouteComponent(() => import("@/features/quotes/BoardPage"), "BoardPage"),
});
const mine = createRoute({
  getParentRoute: () => app,
  path: "/quotes/mine",
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import("@/features/quotes/BoardPage"), "MinePage"),
});
const submit = createRoute({
  getParentRoute: () => app,
  path: "/quotes/new",
  component: lazyRouteComponent(() => import("@/features/quotes/QuoteFormPages"), "SubmitPage"),
});
const quote = createRoute({
  getParentRoute: () => app,
  path: "/quotes/$id",
  beforeLoad: ({ location, params: { id } }) =>
    demandReader(location.href, async () => {
      if (OPEN.test(location.pathname)) await queryClient.ensureQueryData(quoteQuery(Number(id)));
    }),
  component: lazyRouteComponent(() => import("@/features/quotes/QuotePage"), "QuotePage"),
});
const editQuote = createRoute({
  getParentRoute: () => app,
  path: "/quotes/$id/edit",
  component: lazyRouteComponent(() => import("@/features/quotes/QuoteFormPages"), "EditPage"),
});

const settingsPage = () => import("@/features/account/SettingsPage");
const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  component: lazyRouteComponent(settingsPage, "SettingsPage"),
});
const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: "/",
  component: lazyRouteComponent(settingsPage, "SettingsIndex"),
});
const profileSettings = createRoute({
  getParentRoute: () => settings,
  path: "/profile",
  component: lazyRouteComponent(
    () => import("@/features/account/ProfileSettings"),
    "ProfileSettings",
  ),
});
const securitySettings = createRoute({
  getParentRoute: () => settings,
  path: "/security",
  validateSearch: fromProvider,
  component: lazyRouteComponent(
    () => import("@/features/account/SecuritySettings"),
    "SecuritySettings",
  ),
});
const activitySettings = createRoute({
  getParentRoute: () => settings,
  path: "/activity",
  component: lazyRouteComponent(
    () => import("@/features/account/ActivitySettings"),
    "ActivitySettings",
  ),
});
const tokenSettings = createRoute({
  getParentRoute: () => settings,
  path: "/tokens",
  component: lazyRouteComponent(() => import("@/features/account/TokenSettings"), "TokenSettings"),
});
const sessionSettings = createRoute({
  getParentRoute: () => settings,
  path: "/sessions",
  component: lazyRouteComponent(
    () => import("@/features/account/SessionSettings"),
    "SessionSettings",
  ),
});
const dataSettings = createRoute({
  getParentRoute: () => settings,
  path: "/data",
  component: lazyRouteComponent(() => import("@/features/account/DataSettings"), "DataSettings"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    guests.addChildren([login, code, join]),
    callback,
    reset,
    verify,
    oldReset,
    oldVerify,
    authorize,
    app.addChildren([
      chat.addChildren([newChat, oneChat]),
      board,
      mine,
      submit,
      quote,
      editQuote,
      settings.addChildren([
        settingsIndex,
        profileSettings,
        securitySettings,
        activitySettings,
        tokenSettings,
        sessionSettings,
        dataSettings,
      ]),
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: RouteError,
  defaultPendingComponent: RoutePending,
  defaultPendingMs: 300,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
