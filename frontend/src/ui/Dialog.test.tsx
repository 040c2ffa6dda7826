import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { expect, it } from "vitest";
import { Dialog } from "./Dialog";
import Toasts from "./Toasts";
import { toast } from "./toast";

function Opened({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Open
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Title">
        {children}
      </Dialog>
    </>
  );
}

const buttons = (
  <>
    <button type="button">Cancel</button>
    <button type="submit">Delete</button>
  </>
);
const show = <button type="button">Show</button>;

it.each([
  ["the first field", <input key="" aria-label="Name" />, "Name"],
  ["no field that is read only", <input key="" aria-label="Email" readOnly />, "Cancel"],
  ["a box to tick", <input key="" type="checkbox" aria-label="I am sure" />, "I am sure"],
  ["the safe button", null, "Cancel"],
  ["what is marked", <input key="" aria-label="Code" data-autofocus />, "Code"],
])("focuses %s", async (_, field, name) => {
  const before = name === "Code" ? <input aria-label="Before" /> : null;
  render(
    <Opened>
      <form>
        {before}
        {field}
        {buttons}
      </form>
    </Opened>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Open" }));
  expect(document.activeElement).toHaveAccessibleName(name);
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("button", { name: "Open" })).toHaveFocus();
});

it("focuses the close button where there is no form", async () => {
  render(<Opened>{show}</Opened>);
  await userEvent.click(screen.getByRole("button", { name: "Open" }));
  expect(screen.getByRole("button", { name: "Close" })).toHaveFocus();
});

it("closes by Escape though a notice has come after it", async () => {
  render(
    <>
      <Opened>{show}</Opened>
      <Toasts />
    </>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Open" }));
  act(() => toast("It is pinned."));
  expect(await screen.findByText("It is pinned.")).toBeVisible();
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
});
