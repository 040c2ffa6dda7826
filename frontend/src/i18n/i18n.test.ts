import { expect, it } from "vitest";
import en from "./en";
import ko from "./ko";

function leaves(node: object, path = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(node).flatMap(([name, value]) =>
      typeof value === "string"
        ? [[`${path}${name}`, value]]
        : Object.entries(leaves(value, `${path}${name}.`)),
    ),
  );
}

const placeholders = (text: string) =>
  [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();
const korean = leaves(ko);

it.each(Object.entries(leaves(en)))("%s is said in Korean with the same values", (key, text) => {
  expect(korean[key]).toBeTruthy();
  expect(placeholders(korean[key] ?? "")).toEqual(placeholders(text));
});

it("has nothing in Korean that English lacks", () => {
  expect(Object.keys(korean).sort()).toEqual(Object.keys(leaves(en)).sort());
});
