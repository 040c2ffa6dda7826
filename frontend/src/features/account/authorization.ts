/** A native program that asks to sign in (RFC 8252). The server alone decides what is valid and where
 * the browser goes.
 */
import { queryOptions } from "@tanstack/react-query";
import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { clearPersonalData } from "@/api/personalData";
import { signOut } from "./session";

export type Asked = Schemas["AuthorizationAsked"];

/** The parameters with which the program has opened the page, as they are: the server checks them. */
const parametersOf = (query: string) =>
  Object.fromEntries(new URLSearchParams(query)) as unknown as Schemas["AuthorizationRequest"];

export const authorizationQuery = (query: string, language: string) =>
  queryOptions({
    queryKey: keys.authorization(query, language),
    queryFn: () =>
      unwrap(api.GET("/accounts/authorize", { params: { query: parametersOf(query) } })),
  });

/** Where the browser has to go. Throws an `ApiError`. */
export async function allow(query: string): Promise<string> {
  const body = parametersOf(query);
  return (await unwrap(api.POST("/accounts/authorize", { body }))).redirect_to;
}

/** Signs out, and comes back to this page after the next sign-in. Throws an `ApiError`. */
export async function switchAccount(here: string): Promise<void> {
  await signOut();
  clearPersonalData();
  // A full page load, so that no data of this user stays in memory for the next one.
  location.assign(`/login?${new URLSearchParams({ next: here })}`);
}
