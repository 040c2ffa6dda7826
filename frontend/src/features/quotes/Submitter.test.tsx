import { render } from "@testing-library/react";
import { expect, it } from "vitest";

import { Submitter } from "./Submitter";

it("isolates a nickname, so that it cannot change the direction of the text around it", () => {
  const name = "\u202enimda $& {{name}}";
  const { container } = render(<Submitter name={name} />);
  expect(container.querySelector("bdi")).toHaveTextContent(name, { normalizeWhitespace: false });
  expect(container).toHaveTextContent("submitted by");
});
