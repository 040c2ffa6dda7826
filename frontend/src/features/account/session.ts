/** Signing in and out, by allauth's session for browsers; the page stores no credentials. */
import { queryOptions } from "@tanstack/react-query";
import { asApiError } from "@/api/apiError";
import { allauth, api, onSessionLost, type Profile, type Schemas, unwrap } from "@/api/client";
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

type SignedIn = "in" | "verify";

/** Throws an `ApiError`. `verify` means that the address must be confirmed first, by the link in a
 * mail.
 */
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

export function resetPassword(key: string, password: string): Promise<unknown> {
  return allauth("POST", "auth/password/reset", { key, password }, 401);
}

export function verifyEmail(key: string): Promise<unknown> {
  return allauth("POST", "auth/email/verify", { key }, 401);
}

/** 409 means that the browser is signed in already, which is as good. */
async function finishSignIn({ status }: { status: number }): Promise<SignedIn> {
  if (status === 401) return "verify";
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
