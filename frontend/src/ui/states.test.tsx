import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { networkRefusal, problemOf, Refusal } from "@/api/problem";
import { Failure } from "./states";

it("says that there is no connection, and what is kept", () => {
  render(<Failure error={networkRefusal()} />);
  expect(screen.getByRole("alert")).toHaveTextContent(
    /cannot be reached.*nothing you wrote is lost/,
  );
  expect(screen.queryByRole("button")).toBeNull();
});

it("gives the number by which staff find a failure of the server, and another try", async () => {
  const onRetry = vi.fn();
  const problem = { ...problemOf("internal", 500), request_id: "ab12" };
  render(<Failure error={new Refusal(problem)} onRetry={onRetry} />);
  expect(screen.getByRole("alert")).toHaveTextContent("ab12");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(onRetry).toHaveBeenCalledOnce();
});

it("speaks the server's words where the page has none of its own", () => {
  render(<Failure error={new Refusal(problemOf("odd", 400, "The moon is in the way."))} />);
  expect(screen.getByRole("alert")).toHaveTextContent("The moon is in the way.");
});
