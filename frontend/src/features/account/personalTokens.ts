/** The user's personal tokens: tokens for programs, with scopes. */
import { queryOptions } from "@tanstack/react-query";
import { api, BASE, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";

export type PersonalToken = Schemas["PersonalToken"];
export type NewPersonalToken = Schemas["NewPersonalTokenRequest"];
export type Scope = PersonalToken["scopes"][number];

/** In the order of the form, with the names of their texts. */
export const SCOPES = [
  ["chat:read", "chatRead"],
  ["chat:write", "chatWrite"],
  ["quotes:read", "quotesRead"],
  ["quotes:write", "quotesWrite"],
  ["profile:read", "profileRead"],
] as const satisfies readonly (readonly [Scope, string])[];

export const LIFETIMES = ["30d", "90d", "365d", "never"] as const;
export const DEFAULT_LIFETIME = "90d";

export const personalTokensQuery = queryOptions({
  queryKey: keys.personalTokens,
  // More than a user may have.
  queryFn: () => unwrap(api.GET("/accounts/tokens", { params: { query: { per_page: 100 } } })),
});

const refresh = () => queryClient.invalidateQueries({ queryKey: keys.personalTokens });

export async function makeToken(body: NewPersonalToken): Promise<Schemas["PersonalTokenMade"]> {
  const made = await unwrap(api.POST("/accounts/tokens", { body }));
  await refresh();
  return made;
}

export async function renameToken(id: number, name: string): Promise<void> {
  const params = { path: { id: String(id) } };
  await unwrap(api.PATCH("/accounts/tokens/{id}", { params, body: { name } }));
  await refresh();
}

export async function revokeToken(id: number): Promise<void> {
  const params = { path: { id: String(id) } };
  await unwrap(api.DELETE("/accounts/tokens/{id}", { params }));
  await refresh();
}

/** A command that works with the token: the most useful thing that its scopes allow. */
export function curlExample(token: string, scopes: readonly Scope[]): string {
  const given = (path: string, ...rest: string[]) =>
    [`curl ${BASE}${path}`, `-H 'Authorization: Bearer ${token}'`, ...rest].join(" \\\n  ");
  const body = (content: string) => [
    "-H 'Content-Type: application/json'",
    `-d '{"content": "${content}"}'`,
  ];
  if (scopes.includes("chat:write")) return given("/chat", ...body("To be, or not to be"));
  if (scopes.includes("chat:read")) return given("/chat");
  if (scopes.includes("quotes:read")) return given("/quote");
  if (scopes.includes("profile:read")) return given("/accounts/profile");
  return given("/quote", ...body("Here is looking at you, kid."));
}
