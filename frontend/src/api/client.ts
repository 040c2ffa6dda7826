import i18n from "i18next";
import createClient, { type Middleware } from "openapi-fetch";
import { networkRefusal, Refusal, refusalOf } from "./problem";
import { noteQuota } from "./quota";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Chat = Schemas["Chat"];
export type Reply = Schemas["Reply"];
export type Citation = Schemas["Citation"];
export type Quote = Schemas["Quote"];
export type Profile = Schemas["Profile"];
export type Conversation = Schemas["Conversation"];

/** Where the server is: the page's own origin, unless it was built for another. */
export const BASE = (import.meta.env.VITE_API_BASE || location.origin).replace(/\/$/, "");
const SESSION = `${BASE}/_allauth/browser/v1/auth/session`;

let onLost = () => {};

/** Names what happens when the server no longer knows a session that the page believed in. */
export function onSessionLost(listener: () => void): void {
  onLost = listener;
}

function csrfCookie(): string | undefined {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
}

/** The CSRF token for a request that changes something; asks for one where there is none yet. */
async function csrfToken(): Promise<string> {
  if (!csrfCookie()) await fetch(SESSION, { credentials: "include" });
  return csrfCookie() ?? "";
}

/** `fetch` with all that this server wants: session, CSRF token, language. */
export async function send(input: string | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, { credentials: "include", ...init });
  if (i18n.language) request.headers.set("Accept-Language", i18n.language);
  let response: Response;
  try {
    if (!["GET", "HEAD"].includes(request.method)) {
      request.headers.set("X-CSRFToken", await csrfToken());
    }
    response = await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw networkRefusal();
  }
  noteQuota(response.headers);
  if (response.status === 401 && !request.url.includes("/_allauth/")) onLost();
  return response;
}

const json: Middleware = {
  onRequest({ request }) {
    if (!request.headers.has("Accept")) request.headers.set("Accept", "application/json");
    return request;
  },
};

export const api = createClient<paths, "application/json">({ baseUrl: BASE, fetch: send });
api.use(json);

/** The data of an answer; throws its `Refusal`. */
export async function unwrap<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw refusalOf(response, error);
  return data as T;
}

/** Posts to allauth's door, which stands outside of the API's schema. Throws its `Refusal`, except
 * for the statuses that a caller names as answers too.
 */
export async function allauth(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
  ...expected: number[]
): Promise<{ status: number; body: unknown }> {
  const response = await send(`${BASE}/_allauth/browser/v1/${path}`, {
    method,
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok && !expected.includes(response.status)) throw refusalOf(response, answer);
  return { status: response.status, body: answer };
}

export { Refusal };
