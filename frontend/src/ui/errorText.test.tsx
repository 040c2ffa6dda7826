import { renderHook } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ApiError, problemOf } from "@/api/apiError";
import { setLanguage } from "@/i18n";
import { useErrorText } from "./errorText";

afterEach(() => setLanguage("en", { keep: false }));

const textOf = (code: string, wait: number | null, detail = "") =>
  renderHook(() => useErrorText(new ApiError(problemOf(code, 429, detail), wait))).result.current;

it.each([
  ["en", 1, "Too many attempts. Try again in 1 second."],
  ["en", 90, "Too many attempts. Try again in 90 seconds."],
  ["en", 121, "Too many attempts. Try again in 3 minutes."],
  ["en", 3600, "Too many attempts. Try again in 60 minutes."],
  ["en", null, "Too many attempts. Try again in 60 seconds."],
  ["ko", 45, "시도가 너무 많습니다. 45초 뒤에 다시 시도해 주십시오."],
  ["ko", 3600, "시도가 너무 많습니다. 60분 뒤에 다시 시도해 주십시오."],
] as const)("gives the wait in %s for %s seconds", async (language, wait, text) => {
  await setLanguage(language, { keep: false });
  expect(textOf("too_many_attempts", wait)).toBe(text);
});

it("shows the server's text for a code that has no translation", () => {
  expect(textOf("sign_in_stopped", 3600, "Reset your password.")).toBe("Reset your password.");
});
