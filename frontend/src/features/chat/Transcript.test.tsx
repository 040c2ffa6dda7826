import { act } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { renderPage } from "@/test/renderPage";
import { chat, reply } from "@/test/server";
import { Transcript } from "./Transcript";

const CHATS = 30;

beforeEach(() => {
  window.scrollTo = () => {};
  Element.prototype.scrollTo = () => {};
  Element.prototype.scrollIntoView = () => {};
});

/** Steps of a conversation that note which of their questions are rendered. */
function stepsOf(rendered: Set<number>) {
  return Array.from({ length: CHATS }, (_, at) => {
    const one = chat({ id: at + 1, parent: at || null, chat_reply: reply({ content: "" }) });
    const step = { chat: one, versions: [at + 1] };
    Object.defineProperty(one, "content", {
      get() {
        rendered.add(at + 1);
        return `Question ${at + 1}`;
      },
    });
    return step;
  });
}

it("renders one exchange in a task, and none of those that are there", async () => {
  const rendered = new Set<number>();
  const steps = stepsOf(rendered);
  const page = renderPage(
    <Transcript
      heading={{ current: null }}
      title="Long"
      conversation={undefined}
      steps={steps}
      found={undefined}
      pending={undefined}
      turns={[]}
      problems={new Map()}
      onChoose={() => {}}
      onResend={() => {}}
      onRegenerate={() => {}}
      onContinue={() => {}}
      onSuggest={() => {}}
    />,
  );
  await page.findByRole("group", { name: `Question ${CHATS}` });
  const count = () => page.container.querySelectorAll("[data-exchange]").length;
  for (let tasks = 0; count() < CHATS && tasks < 10 * CHATS; tasks++) {
    rendered.clear();
    const before = count();
    await act(() => new Promise((resolve) => setTimeout(resolve)));
    expect(rendered.size).toBe(count() - before);
  }
  expect(count()).toBe(CHATS);
});
