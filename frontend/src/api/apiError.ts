import type { components } from "./schema";

/** A problem (RFC 9457) as this server sends it, or as the page makes it when there is no
 * response.
 */
export type Problem = components["schemas"]["Problem"] & {
  quota?: components["schemas"]["Quota"];
  /** Of a duplicate line: the id of the existing quote. */
  quote?: number;
  /** Of `fresh_sign_in_required`: the ways in which the user can confirm. */
  flows?: Flow[];
};

/** A way to go on with a sign-in, in allauth's words: `reauthenticate` is by password,
 * `mfa_reauthenticate` and `mfa_authenticate` by a second factor of one of the `types`,
 * `provider_redirect` by one of the `providers`.
 */
export interface Flow {
  id: string;
  is_pending?: boolean;
  types?: FactorType[];
  providers?: string[];
}

export type FactorType = "totp" | "recovery_codes" | "webauthn";

/** What allauth answers to a sign-in, and to everything that needs one. */
export interface AuthAnswer {
  data?: { flows?: Flow[] };
  meta?: { is_authenticated?: boolean };
}

export const FRESH_SIGN_IN_REQUIRED = "fresh_sign_in_required";

/** A request that failed: `code` is that of the server's problem, or `network` without a response.
 */
export class ApiError extends Error {
  readonly problem: Problem;
  /** Seconds, from the Retry-After header. */
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail);
    this.name = "ApiError";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** The first error of each field. */
  get fields(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const { field, detail } of this.problem.errors ?? []) found[field] ??= detail;
    return found;
  }
}

export function problemOf(code: string, status = 0, detail = ""): Problem {
  return {
    type: `urn:daesa:problem:${code}`,
    title: "",
    status,
    detail,
    instance: "",
    code,
    request_id: "",
  };
}

/** The error in a response that is not ok: a problem, or allauth's format of errors. */
export function errorFromResponse(response: Response, body: unknown): ApiError {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  if (isProblem(body)) return new ApiError(body, retryAfter);
  const problem = problemOf(codeOf(response.status), response.status);
  const { data, meta } = (body ?? {}) as AuthAnswer;
  if (response.status === 401 && meta?.is_authenticated) {
    // allauth knows the user, but wants a fresh sign-in. (This server's own views answer 403.)
    problem.code = FRESH_SIGN_IN_REQUIRED;
    problem.flows = data?.flows ?? [];
  }
  problem.request_id = response.headers.get("X-Request-ID") ?? "";
  const errors = (body as { errors?: { message: string; code: string; param?: string }[] } | null)
    ?.errors;
  if (Array.isArray(errors)) {
    problem.errors = errors.map(({ message, code, param }) => ({
      field: param ?? "",
      code,
      detail: message,
    }));
    problem.detail = errors.find((error) => !error.param)?.message ?? "";
  }
  return new ApiError(problem, retryAfter);
}

export function networkError(): ApiError {
  return new ApiError(problemOf("network"));
}

/** Anything thrown, as an `ApiError`. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : networkError();
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}

function codeOf(status: number): string {
  if (status === 401) return "not_authenticated";
  if (status === 403) return "permission_denied";
  if (status === 404) return "not_found";
  if (status === 429) return "throttled";
  return status >= 500 ? "internal" : "bad_request";
}
