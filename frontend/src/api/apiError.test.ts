import { expect, it } from "vitest";
import { asApiError, errorFromResponse } from "./apiError";

const response = (status: number, headers = {}) => new Response(null, { status, headers });

it("reads a problem with its fields and the time to wait", () => {
  const body = {
    code: "invalid",
    status: 400,
    detail: "Some of the input is not valid.",
    errors: [
      { field: "content", code: "blank", detail: "Say something." },
      { field: "content", code: "other", detail: "A second message." },
    ],
  };
  const error = errorFromResponse(response(400, { "Retry-After": "7" }), body);
  expect(error.fields).toEqual({ content: "Say something." });
  expect(error.retryAfter).toBe(7);
});

it("reads allauth's format of errors", () => {
  const body = {
    status: 400,
    errors: [
      { message: "This password is too common.", code: "password_too_common", param: "password" },
    ],
  };
  const error = errorFromResponse(response(400), body);
  expect(error.fields).toEqual({ password: "This password is too common." });
  expect(error.code).toBe("bad_request");
});

it("makes an error of a response without JSON", () => {
  expect(errorFromResponse(response(502), null)).toMatchObject({ code: "internal", status: 502 });
});

it("makes a network error of what `fetch` throws", () => {
  expect(asApiError(new TypeError("Failed to fetch")).code).toBe("network");
});
