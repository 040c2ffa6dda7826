import { render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { setQuota } from "@/api/quota";
import { Quota } from "./Quota";

const midnight = new Date(2026, 2, 2).toISOString();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(2026, 2, 1, 12) });
});
afterEach(() => {
  vi.useRealTimers();
});

function dots(limit: number, used: number) {
  setQuota({ limit, used, remaining: limit - used, resets_at: midnight });
  const { container } = render(<Quota />);
  const all = [...container.querySelectorAll("[aria-hidden] > span")];
  return all.map((dot) => (dot.classList.contains("bg-accent") ? "●" : "○")).join("");
}

it.each([
  [5, 0, "●●●●●", "5 of 5 left today"],
  [5, 2, "●●●○○", "3 of 5 left today"],
  [5, 5, "○○○○○", "0 of 5 left today"],
  [1, 0, "●", "1 of 1 left today"],
])("%d a day, %d used: %s", (limit, used, expected, text) => {
  expect(dots(limit, used)).toBe(expected);
  expect(screen.getByText(text)).toBeVisible();
  expect(screen.getByText("new tomorrow at 00:00")).toBeVisible();
});

it("says that the day of the server ends today where it does for the reader", () => {
  const resets_at = new Date(2026, 2, 1, 16).toISOString();
  setQuota({ limit: 5, used: 5, remaining: 0, resets_at });
  render(<Quota />);
  expect(screen.getByText("new today at 16:00")).toBeVisible();
});

it("shows a large quota as text, without dots", () => {
  expect(dots(200, 1)).toBe("");
  expect(screen.getByText("199 of 200 left today")).toBeVisible();
});

it("shows nothing before the first response", () => {
  expect(render(<Quota />).container).toBeEmptyDOMElement();
});
