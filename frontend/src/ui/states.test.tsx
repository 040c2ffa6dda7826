import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ApiError, networkError, problemOf } from "@/api/apiError";
import { Failure } from "./states";

it("says that the server cannot be reached, and what is kept", () => {
  render(<Failure error={networkError()} />);
  expect(screen.getByRole("alert")).toHaveTextContent(
    /cannot be reached.*nothing you wrote is lost/,
  );
  expect(screen.queryByRole("button")).toBeNull();
});

it("shows the reference of a server error, and a button to try again", async () => {
  const onRetry = vi.fn();
  const problem = { ...problemOf("internal", 500), request_id: "ab12" };
  render(<Failure error={new ApiError(problem)} onRetry={onRetry} />);
  expect(screen.getByRole("alert")).toHaveTextContent("ab12");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(onRetry).toHaveBeenCalledOnce();
});

it("shows the server's text where the page has no translation", () => {
  render(<Failure error={new ApiError(problemOf("odd", 400, "The moon is in the way."))} />);
  expect(screen.getByRole("alert")).toHaveTextContent("The moon is in the way.");
});
