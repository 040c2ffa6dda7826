import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Gloss } from "./Gloss";

const gloss = "Those who hurry spoil their work";

it.each([
  [true, "Meaning, written by a language model"],
  [false, "Meaning"],
])("says whether a language model has written the meaning (%s)", (gloss_by_model, heading) => {
  render(<Gloss quote={{ gloss, gloss_by_model, language: "en" }} />);
  expect(screen.getByRole("heading", { name: heading })).toBeVisible();
  expect(screen.getByText(gloss)).toHaveAttribute("lang", "en");
});

it("shows nothing for a line without a meaning", () => {
  const quote = { gloss: "", gloss_by_model: false, language: "en" };
  const { container } = render(<Gloss quote={quote} />);
  expect(container).toBeEmptyDOMElement();
});
