import i18n from "i18next";
import createClient, { type Middleware } from "openapi-fetch";
import { type AuthAnswer, errorFromResponse, networkError } from "./apiError";
import { noteQuota } from "./quota";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Chat = Schemas["Chat"];
export type Reply = Schemas["Reply"];
export type Citation = Schemas["Citation"];
export type Quote = Schemas["Quote"];
export type Profile = Schemas["Profile"];
export type Session = Schemas["Session"];
export type Conversation = Schemas["Conversation"];

/** The server's origin: the page's own, unless the page was built for another one. */
export const BASE = (import.meta.env.VITE_API_BASE || location.origin).replace(/\/$/, "");
const SESSION = `${BASE}/_allauth/browser/v1/auth/session`;

let handleSessionLost = () => {};

/** Sets what is called when the server answers 401: the session has ended. */
export function onSessionLost(listener: () => void): void {
  handleSessionLost = listener;
}

function cookie(name: string): string | undefined {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

/** The CSRF token for an unsafe request; fetches one if there is none yet. Over HTTPS the cookie
 * has the `__Host-` prefix, so that no other host can set it. A cookie with the old name is used
 * only if there is no prefixed one, as behind an HTTPS proxy in development.
 */
export async function csrfToken(): Promise<string> {
  const names = BASE.startsWith("https:") ? ["__Host-csrftoken", "csrftoken"] : ["csrftoken"];
  if (!cookie(names[0] ?? "")) await fetch(SESSION, { credentials: "include" });
  return names.map(cookie).find(Boolean) ?? "";
}

/** `fetch` with the session, the CSRF token and the language. Throws an `ApiError` without a
 * response.
 */
export async function send(input: string | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, { credentials: "include", ...init });
  if (i18n.language) request.headers.set("Accept-Language", i18n.language);
  let response: Response;
  try {
    if (!["GET", "HEAD"].includes(request.method)) {
      request.headers.set("X-CSRFToken", await csrfToken());
    }
    // Otherwise the browser would show a board after the sign-in that it has cached before. Asking the
    // server whether it has changed costs little.
    response = await fetch(request, { cache: "no-cache" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw networkError();
  }
  noteQuota(response.headers);
  if (response.status === 401 && !request.url.includes("/_allauth/")) handleSessionLost();
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

/** The data of a response; throws an `ApiError` if it is not ok. */
export async function unwrap<T>(
  response: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response: received } = await response;
  if (!received.ok) throw errorFromResponse(received, error);
  return data as T;
}

/** Whether allauth's 401 means that the session has ended: the path is for signed-in users only, and
 * allauth does not know the user.
 */
function isSessionLost(path: string, status: number, answer: unknown): boolean {
  if (status !== 401 || !/^account\/|\/reauthenticate$/.test(path)) return false;
  return (answer as AuthAnswer | null)?.meta?.is_authenticated !== true;
}

/** Calls allauth's API, which is not in schema.yaml. Throws an `ApiError`, except for the statuses
 * in `expected`.
 */
export function allauth(
  method: Method,
  path: string,
  body?: unknown,
  ...expected: number[]
): Promise<Answer> {
  return callAllauth(method, path, {}, body, expected);
}

/** The same without a body, and with further headers. */
export function allauthWith(
  method: Method,
  path: string,
  headers: Record<string, string>,
): Promise<Answer> {
  return callAllauth(method, path, headers, undefined, []);
}

type Method = "GET" | "POST" | "PUT" | "DELETE";
interface Answer {
  status: number;
  body: unknown;
}

async function callAllauth(
  method: Method,
  path: string,
  headers: Record<string, string>,
  body: unknown,
  expected: number[],
): Promise<Answer> {
  const response = await send(`${BASE}/_allauth/browser/v1/${path}`, {
    method,
    headers: { ...headers, Accept: "application/json", "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (isSessionLost(path, response.status, answer)) handleSessionLost();
  if (!response.ok && !expected.includes(response.status))
    throw errorFromResponse(response, answer);
  return { status: response.status, body: answer };
}
