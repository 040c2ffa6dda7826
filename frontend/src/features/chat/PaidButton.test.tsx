import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { setQuota } from "@/api/quota";
import { PaidButton } from "./PaidButton";

function withLeft(remaining: number): void {
  setQuota({ limit: 5, used: 5 - remaining, remaining, resets_at: "2026-03-02T00:00:00+09:00" });
}

beforeEach(() => {
  localStorage.removeItem("daesa.cost-confirmed");
  withLeft(2);
});
afterEach(() => act(() => setQuota(null)));

function show(label = "Answer again") {
  const onClick = vi.fn();
  render(
    <PaidButton label={label} onClick={onClick}>
      x
    </PaidButton>,
  );
  return onClick;
}

const button = (name: string) => screen.getByRole("button", { name });

it("asks once in a browser whether the cost is meant, for all such buttons", async () => {
  const again = show();
  const edit = show("Edit question");
  await userEvent.click(button("Answer again"));
  expect(again).not.toHaveBeenCalled();
  expect(screen.getByText("Takes 1 of 2 left today")).toBeVisible();
  expect(button("Go ahead")).toHaveFocus();
  await userEvent.keyboard("{Enter}");
  expect(again).toHaveBeenCalledOnce();
  expect(screen.queryByRole("group")).toBeNull();
  await userEvent.click(button("Answer again"));
  await userEvent.click(button("Edit question"));
  expect(again).toHaveBeenCalledTimes(2);
  expect(edit).toHaveBeenCalledOnce();
});

it.each([
  ["Escape", () => userEvent.keyboard("{Escape}")],
  ["Cancel", () => userEvent.click(button("Cancel"))],
])("asks again after a no by %s, and gives the focus back", async (_, decline) => {
  const onClick = show();
  await userEvent.click(button("Answer again"));
  await decline();
  expect(screen.queryByRole("group")).toBeNull();
  expect(button("Answer again")).toHaveFocus();
  expect(onClick).not.toHaveBeenCalled();
  await userEvent.click(button("Answer again"));
  expect(screen.getByRole("group", { name: "Answer again" })).toBeVisible();
});

it("is off with nothing left, says why, and does not ask", async () => {
  withLeft(0);
  const onClick = show();
  await userEvent.click(button("Answer again"));
  expect(button("Answer again")).toHaveAttribute("aria-disabled", "true");
  expect(button("Answer again").title).toMatch(/Today's questions are used up/);
  expect(screen.queryByRole("group")).toBeNull();
  expect(onClick).not.toHaveBeenCalled();
});
