/** Signing in and out, by allauth's session for browsers; the page stores no credentials. */
import { queryOptions } from "@tanstack/react-query";
import { type AuthAnswer, asApiError, type Flow } from "@/api/apiError";
import {
  allauth,
  allauthWith,
  api,
  onSessionLost,
  type Profile,
  type Schemas,
  unwrap,
} from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { setQuota } from "@/api/quota";
import { createStore, useStore } from "@/createStore";
import { guestEmail } from "./guestEmail";

/** The user's profile; null for a guest. After the session has ended the profile stays as it was,
 * and a dialog asks the same user to sign in again.
 */
export const profileQuery = queryOptions({
  queryKey: keys.profile,
  queryFn: async (): Promise<Profile | null> => {
    try {
      const profile = await unwrap(api.GET("/accounts/profile"));
      setQuota(profile.quota);
      return profile;
    } catch (error) {
      if (asApiError(error).status === 401) {
        return queryClient.getQueryData<Profile | null>(keys.profile) ?? null;
      }
      throw error;
    }
  },
  staleTime: 300_000,
});

/** The form of joining: fields, password rules and providers. */
export const joinFormQuery = queryOptions({
  queryKey: keys.joinForm,
  queryFn: () => unwrap(api.GET("/accounts/join")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The own address, its state, and the one that waits for its confirmation. */
export const addressQuery = queryOptions({
  queryKey: keys.address,
  queryFn: () => unwrap(api.GET("/accounts/email")),
});
/** The form of signing in: fields and providers. */
export const loginFormQuery = queryOptions({
  queryKey: keys.loginForm,
  queryFn: () => unwrap(api.GET("/accounts/login")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** `verify` means that the address must be confirmed first, by the link or the code of a mail;
 * `code`, that a second factor is missing, which `/login/code` asks for; `approval`, that staff have
 * to let the new account in.
 */
export type SignedIn = "in" | "verify" | "code" | "approval";

/** Throws an `ApiError`. */
export async function signIn(email: string, password: string): Promise<SignedIn> {
  return finishSignIn(await allauth("POST", "auth/login", { email, password }, 401, 409));
}

export async function join(fields: Schemas["JoinRequest"]): Promise<SignedIn> {
  return finishSignIn(await allauth("POST", "auth/signup", fields, 401, 409));
}

export async function signOut(): Promise<void> {
  await allauth("DELETE", "auth/session", undefined, 401);
}

export function requestReset(email: string): Promise<unknown> {
  return allauth("POST", "auth/password/request", { email });
}

/** Fails if the link of the mail for a new password is no longer valid. */
export const resetKeyQuery = (key: string) =>
  mailKeyQuery(key, () =>
    allauthWith("GET", "auth/password/reset", { "X-Password-Reset-Key": key }),
  );

/** Fails if the link of the mail that confirms an address is no longer valid. */
export const verifyKeyQuery = (key: string) =>
  mailKeyQuery(key, () =>
    allauthWith("GET", "auth/email/verify", { "X-Email-Verification-Key": key }),
  );

const mailKeyQuery = (key: string, queryFn: () => Promise<unknown>) =>
  queryOptions({
    queryKey: keys.mailKey(key),
    queryFn,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: key !== "",
  });

export function resetPassword(key: string, password: string): Promise<unknown> {
  return allauth("POST", "auth/password/reset", { key, password }, 401);
}

/** Whether the account can sign in now; if not, staff have to let it in. */
export async function verifyEmail(key: string): Promise<boolean> {
  const { status } = await allauth("POST", "auth/email/verify", { key }, 401);
  return status !== 202;
}

/** The code of the mail that was sent after joining or signing in. */
export async function enterCode(code: string): Promise<SignedIn> {
  return finishSignIn(await allauth("POST", "auth/email/verify", { key: code }, 401, 409));
}

/** The same mail once more. */
export function resendMail(): Promise<unknown> {
  return allauth("POST", "auth/email/verify/resend");
}

/** The flow in which a sign-in waits for a second factor, in allauth's answer; undefined if none
 * does.
 */
export function waitingFactorFlow(answer: unknown): Flow | undefined {
  const flows = (answer as AuthAnswer | null)?.data?.flows;
  return flows?.find(({ id, is_pending }) => id === "mfa_authenticate" && is_pending);
}

/** Goes on after allauth's answer to a sign-in. 409 means that the browser is signed in already,
 * which is as good.
 */
export async function finishSignIn(answer: { status: number; body: unknown }): Promise<SignedIn> {
  if (answer.status === 401) return waitingFactorFlow(answer.body) ? "code" : "verify";
  if (answer.status === 202) return "approval";
  await queryClient.fetchQuery({ ...profileQuery, staleTime: 0 });
  guestEmail.value = "";
  return "in";
}

const lost = createStore(false);

export const setSessionLost = lost.set;

/** Whether the server no longer knows the session that this page was working in. */
export function useSessionLost(): boolean {
  return useStore(lost);
}

onSessionLost(() => {
  if (queryClient.getQueryData(profileQuery.queryKey)) setSessionLost(true);
});
