import { act, renderHook, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { clearPersonalData } from "@/api/personalData";
import { renderPage } from "@/test/renderPage";
import { chat, reply } from "@/test/server";
import { Answer } from "./Answer";
import { addThought, endThought, useThought } from "./thoughts";

afterEach(() => act(clearPersonalData));

const thoughtOf = (stream: string) => renderHook(() => useThought(stream)).result.current;

it("joins the parts, and begins anew with each connection", () => {
  addThought("s", 0, "Hm, ", 0);
  addThought("s", 4, "well", 1);
  expect(thoughtOf("s")?.text).toBe("Hm, well");
  addThought("s", 0, "Hm, well", 2);
  expect(thoughtOf("s")).toMatchObject({ text: "Hm, well", seconds: null });
  expect(thoughtOf("other")).toBeUndefined();
});

it("counts from when the model began", () => {
  addThought("s", 0, "Hm", 12);
  endThought("s");
  expect(thoughtOf("s")?.seconds).toBe(12);
  endThought("s");
  expect(thoughtOf("s")?.seconds).toBe(12);
});

it("keeps those of the last answers", () => {
  for (let n = 0; n < 60; n++) addThought(String(n), 0, "Hm", 0);
  expect(thoughtOf("9")).toBeUndefined();
  expect(thoughtOf("10")).toBeDefined();
  expect(thoughtOf("59")).toBeDefined();
});

it("is shown folded, and no part of the answer", async () => {
  const user = userEvent.setup();
  const answer = reply({ content: "So it is.", stream_id: "s" });
  addThought("s", 0, "<b>Hm</b>", 3);
  endThought("s");
  renderPage(
    <Answer
      chat={chat({ chat_reply: answer })}
      turn={undefined}
      problem={undefined}
      onRegenerate={undefined}
      onContinue={undefined}
      onFollowUp={undefined}
    />,
  );
  const fold = await screen.findByRole("button", { name: "Thought for 3 s" });
  expect(screen.queryByText("<b>Hm</b>")).toBeNull();
  await user.click(fold);
  expect(screen.getByText("<b>Hm</b>")).toBeVisible();
  expect(fold).toHaveAttribute("aria-expanded", "true");
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(await navigator.clipboard.readText()).toBe("So it is.");
});
