import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { renderPage } from "@/test/renderPage";
import { at, server } from "@/test/server";
import type { ConversationWithChats } from "./api";
import { ModelGone } from "./ModelChoice";
import { useModel } from "./useModel";

const conversation = (model: string) => ({ id: 7, model, chats: [] }) as never;

beforeEach(() => {
  localStorage.clear();
  queryClient.clear();
  const results = [
    { id: "small", default: true },
    { id: "large", default: false },
  ];
  server.use(http.get(at("/models"), () => HttpResponse.json({ results })));
});

function Shown({ id, of }: { id: number | null; of?: ConversationWithChats }) {
  const { model, gone, choose, named } = useModel(id, of);
  return (
    <>
      <p>asks {model || "the default"}</p>
      {gone && <ModelGone model={gone} />}
      <button type="button" onClick={() => choose("large")}>
        choose
      </button>
      <button type="button" onClick={(event) => event.currentTarget.append(`: ${named()}`)}>
        named
      </button>
    </>
  );
}

it("is the conversation's own, whatever was chosen last on this device", async () => {
  localStorage.setItem("daesa.model", "small");
  renderPage(<Shown id={7} of={conversation("large")} />);
  expect(await screen.findByText("asks large")).toBeVisible();
});

it("is the last choice for a new conversation, and the default before there is one", async () => {
  renderPage(<Shown id={null} />);
  expect(await screen.findByText("asks the default")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "choose" }));
  expect(screen.getByText("asks large")).toBeVisible();
  expect(localStorage.getItem("daesa.model")).toBe("large");
});

it("says that one is not offered anymore, and names the default from the next question on", async () => {
  localStorage.setItem("daesa.model", "gpt-3.5-turbo");
  renderPage(<Shown id={null} />);
  const note = await screen.findByText(/^GPT-3.5 turbo, which you chose, is no longer offered/);
  expect(note).toHaveTextContent("The default model answers: Small.");
  expect(screen.getByText("asks the default")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "named" }));
  expect(await screen.findByRole("button", { name: "named: small" })).toBeVisible();
  expect(note).not.toBeInTheDocument();
});

it("is told to the server when it is chosen in a conversation", async () => {
  let body: unknown;
  server.use(
    http.patch(at("/conversations/7"), async ({ request }) => {
      body = await request.json();
      return HttpResponse.json({ id: 7, model: "large" });
    }),
  );
  renderPage(<Shown id={7} of={conversation("")} />);
  await userEvent.click(await screen.findByRole("button", { name: "choose" }));
  await expect.poll(() => body).toEqual({ model: "large" });
});
