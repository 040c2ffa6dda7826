import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { setLanguage } from "@/i18n";
import { TextField } from "./Field";
import { useForm } from "./useForm";

const submit = vi.fn(async () => {});

function Example() {
  const form = useForm(submit);
  return (
    <form {...form.props}>
      <TextField label="Email" name="email" type="email" required error={form.errors.email} />
      <TextField label="Word" name="word" minLength={8} error={form.errors.word} />
      <button type="submit">Send</button>
    </form>
  );
}

beforeEach(() => submit.mockClear());
afterEach(() => setLanguage("en"));

it.each([
  ["en", "", "", "Email", "Please fill this in."],
  ["ko", "", "", "Email", "입력해 주십시오."],
  ["en", "nobody", "", "Email", "This is not an email address."],
  ["ko", "nobody", "", "Email", "이메일 주소 형식이 아닙니다."],
  ["en", "a@example.com", "short", "Word", "At least 8 characters."],
  ["ko", "a@example.com", "short", "Word", "8자 이상 입력해 주십시오."],
] as const)(
  "tells in %s what is wrong with “%s” and “%s”",
  async (language, email, word, field, text) => {
    await setLanguage(language);
    const user = userEvent.setup();
    render(<Example />);
    if (email) await user.type(screen.getByLabelText("Email"), email);
    if (word) await user.type(screen.getByLabelText("Word"), word);
    await user.click(screen.getByRole("button"));
    expect(await screen.findByText(text)).toBeVisible();
    expect(screen.getByLabelText(field)).toHaveFocus();
    expect(screen.getByLabelText(field)).toHaveAccessibleDescription(text);
    expect(submit).not.toHaveBeenCalled();
  },
);

it("submits what is right", async () => {
  const user = userEvent.setup();
  render(<Example />);
  await user.type(screen.getByLabelText("Email"), "a@example.com");
  await user.click(screen.getByRole("button"));
  expect(submit).toHaveBeenCalledWith({ email: "a@example.com", word: "" });
});
