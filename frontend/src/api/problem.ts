import type { components } from "./schema";

/** RFC 9457 as this server speaks it, and what the page itself has to say when no server answers. */
export type Problem = components["schemas"]["Problem"] & {
  quota?: components["schemas"]["Quota"];
  /** Of a refused duplicate: the line that is there. */
  quote?: number;
};

/** A request that was refused or never arrived. `code` is the server's, or `network`. */
export class Refusal extends Error {
  readonly problem: Problem;
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail);
    this.name = "Refusal";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** What is wrong with each field; a field that is named twice keeps its first word. */
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

/** The refusal in a response that is not ok, whichever of the server's voices it speaks in. */
export function refusalOf(response: Response, body: unknown): Refusal {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  if (isProblem(body)) return new Refusal(body, retryAfter);
  const problem = problemOf(codeOf(response.status), response.status);
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
  return new Refusal(problem, retryAfter);
}

export function networkRefusal(): Refusal {
  return new Refusal(problemOf("network"));
}

/** Anything thrown, as a refusal. */
export function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : networkRefusal();
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
