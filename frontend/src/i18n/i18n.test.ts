import { expect, it } from "vitest";
import * as authorize from "./authorize";
import * as card from "./card";
import mainEn from "./en";
import * as factor from "./factor";
import mainKo from "./ko";
import * as line from "./line";
import * as providers from "./providers";
import * as quotation from "./quotation";
import * as report from "./report";
import * as settings from "./settings";
import * as shortcuts from "./shortcuts";
import * as statistics from "./statistics";

const en = {
  ...mainEn,
  ...factor.en,
  ...settings.en,
  ...authorize.en,
  ...card.en,
  ...quotation.en,
  ...line.en,
  ...shortcuts.en,
  ...report.en,
  ...statistics.en,
  providers: providers.en,
};
const ko = {
  ...mainKo,
  ...factor.ko,
  ...settings.ko,
  ...authorize.ko,
  ...card.ko,
  ...quotation.ko,
  ...line.ko,
  ...shortcuts.ko,
  ...report.ko,
  ...statistics.ko,
  providers: providers.ko,
};

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

it.each(Object.entries(leaves(en)))(
  "%s has a Korean text with the same placeholders",
  (key, text) => {
    expect(korean[key]).toBeTruthy();
    expect(placeholders(korean[key] ?? "")).toEqual(placeholders(text));
  },
);

it("is in the register of the server's texts (합니다체) throughout", () => {
  const own = Object.entries(korean).filter(([key]) => !key.startsWith("chat.suggest."));
  expect(own.filter(([, text]) => /(?<!좋아)요(?=[.?!…]|$)/.test(text))).toEqual([]);
});

it("has no Korean text that English lacks", () => {
  expect(Object.keys(korean).sort()).toEqual(Object.keys(leaves(en)).sort());
});
