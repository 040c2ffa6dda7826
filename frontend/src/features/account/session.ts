/** Who is signed in, by allauth's session for browsers; nothing of it is kept by the page. */
import { queryOptions } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { allauth, api, onSessionLost, type Profile, type Schemas, unwrap } from "@/api/client";
import { asRefusal } from "@/api/problem";
import { queryClient } from "@/api/queries";
import { setQuota } from "@/api/quota";
import { typed } from "./typed";

/** The own profile; null for a stranger. Whose session ended stays who they were: a dialog asks them
 * to sign in again, and nobody else.
 */
export const profileQuery = queryOptions({
  queryKey: ["profile"],
  queryFn: async (): Promise<Profile | null> => {
    try {
      const profile = await unwrap(api.GET("/accounts/profile"));
      setQuota(profile.quota);
      return profile;
    } catch (error) {
      if (asRefusal(error).status === 401) {
        return queryClient.getQueryData<Profile | null>(["profile"]) ?? null;
      }
      throw error;
    }
  },
  staleTime: 300_000,
});

type SignedIn = "in" | "verify";

/** Throws a `Refusal`. `verify`: a mail was sent whose link comes first. */
export async function signIn(email: string, password: string): Promise<SignedIn> {
  return settle(await allauth("POST", "auth/login", { email, password }, 401, 409));
}

export async function join(fields: Schemas["JoinRequest"]): Promise<SignedIn> {
  return settle(await allauth("POST", "auth/signup", fields, 401, 409));
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

/** 409 says that somebody is signed in already: the session is what was wanted. */
async function settle({ status }: { status: number }): Promise<SignedIn> {
  if (status === 401) return "verify";
  await queryClient.fetchQuery({ ...profileQuery, staleTime: 0 });
  typed.email = "";
  return "in";
}

let lost = false;
const listeners = new Set<() => void>();

export function setSessionLost(next: boolean): void {
  if (lost === next) return;
  lost = next;
  for (const listener of listeners) listener();
}

/** Whether the server forgot a session that this page was working in. */
export function useSessionLost(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => lost,
  );
}

onSessionLost(() => {
  if (queryClient.getQueryData(profileQuery.queryKey)) setSessionLost(true);
});
