import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { renderPage } from "@/test/renderPage";
import EmbedDialog, { cardAddress, snippet } from "./EmbedDialog";

const href = "https://daesa.example/quote/today";

it("names the language and the theme in the address of the card", () => {
  expect(cardAddress(href, "ko", "auto")).toBe(`${href}?lang=ko`);
  expect(cardAddress(href, "en", "dark")).toBe(`${href}?lang=en&theme=dark`);
});

it("writes HTML whose address and title are what they were", () => {
  const address = cardAddress(href, "en", "light");
  expect(snippet(address, "Line of the day")).toContain("&amp;theme=light");
  const parsed = new DOMParser().parseFromString(snippet(address, "오늘의 대사"), "text/html");
  const iframe = parsed.querySelector("iframe");
  expect(iframe?.src).toBe(address);
  expect(iframe?.title).toBe("오늘의 대사");
});

it("changes the HTML with the theme", async () => {
  renderPage(<EmbedDialog href={href} onClose={() => {}} />);
  const code = await screen.findByRole("textbox", { name: "HTML to copy" });
  expect(code).toHaveValue(snippet(`${href}?lang=en`, "Line of the day"));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Theme" }), "dark");
  expect(code).toHaveValue(snippet(`${href}?lang=en&theme=dark`, "Line of the day"));
});
