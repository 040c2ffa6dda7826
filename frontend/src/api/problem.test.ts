import { expect, it } from "vitest";
import { asRefusal, refusalOf } from "./problem";

const response = (status: number, headers = {}) => new Response(null, { status, headers });

it("reads a problem with its fields and its wait", () => {
  const body = {
    code: "invalid",
    status: 400,
    detail: "Some of the input is not valid.",
    errors: [
      { field: "content", code: "blank", detail: "Say something." },
      { field: "content", code: "other", detail: "A second word." },
    ],
  };
  const refusal = refusalOf(response(400, { "Retry-After": "7" }), body);
  expect(refusal.fields).toEqual({ content: "Say something." });
  expect(refusal.retryAfter).toBe(7);
});

it("reads allauth's own form of errors", () => {
  const body = {
    status: 400,
    errors: [
      { message: "This password is too common.", code: "password_too_common", param: "password" },
    ],
  };
  const refusal = refusalOf(response(400), body);
  expect(refusal.fields).toEqual({ password: "This password is too common." });
  expect(refusal.code).toBe("bad_request");
});

it("makes something of an answer that is no JSON at all", () => {
  expect(refusalOf(response(502), null)).toMatchObject({ code: "internal", status: 502 });
});

it("takes what was thrown by a broken connection for one", () => {
  expect(asRefusal(new TypeError("Failed to fetch")).code).toBe("network");
});
