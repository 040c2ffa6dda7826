import { QueryClientProvider } from "@tanstack/react-query";
import {
  act,
  createEvent,
  fireEvent,
  render,
  renderHook,
  screen,
  waitFor,
} from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createRef } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { clearPersonalData } from "@/api/personalData";
import { queryClient } from "@/api/queries";
import { setQuota } from "@/api/quota";
import { at, problemResponse, server } from "@/test/server";
import { useToasts } from "@/ui/toast";
import { Composer } from "./Composer";
import { type Attachment, moveFiles, pendingFiles, putFilesBack, takeFiles } from "./files";
import { Question } from "./Question";

const quota = { limit: 5, used: 2, remaining: 3, resets_at: new Date(2026, 2, 2).toISOString() };
let uploaded: string[] = [];
let deleted: string[] = [];

function attachment(id: number, change: Partial<Attachment> = {}): Attachment {
  return {
    id,
    kind: "image",
    name: `${id}.png`,
    content_type: "image/png",
    size: 100,
    width: 60,
    height: 40,
    chat: null,
    created_at: "2026-03-01T09:00:00+09:00",
    links: [{ rel: "content", href: at(`/attachments/${id}/content`), method: "GET" }],
    ...change,
  };
}

const file = (name = "red.png", type = "image/png") => new File(["x"], name, { type });

beforeEach(() => {
  uploaded = [];
  deleted = [];
  clearPersonalData();
  queryClient.clear();
  setQuota(quota);
  offer(["text", "image"]);
  server.use(
    http.post(at("/attachments"), async ({ request }) => {
      const text = await request.text();
      const name = /name="name"\s+(.*)/.exec(text)?.[1]?.trim() ?? "";
      uploaded.push(name);
      return HttpResponse.json(attachment(uploaded.length, { name }), { status: 201 });
    }),
    http.delete(at("/attachments/:id"), ({ params }) => {
      deleted.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

function offer(takes: string[]) {
  server.use(
    http.get(at("/models"), () =>
      HttpResponse.json({ results: [{ id: "one", default: true, takes }] }),
    ),
  );
}

function show() {
  const onSend = vi.fn();
  render(
    <QueryClientProvider client={queryClient}>
      <Composer
        draftKey="new"
        revision={0}
        field={createRef<HTMLTextAreaElement>()}
        onSend={onSend}
        onPutBack={vi.fn()}
        onStop={null}
        stopping={false}
        model=""
        onModel={vi.fn()}
      />
    </QueryClientProvider>,
  );
  return onSend;
}

const button = () => screen.findByLabelText("Add files");

it("uploads what was chosen, and sends it with the question", async () => {
  const onSend = show();
  await userEvent.upload(await button(), [file("a.png"), file("b.png")]);
  await waitFor(() => expect(uploaded).toHaveLength(2));
  await waitFor(() => expect(pendingFiles("new").every((one) => one.attachment)).toBe(true));
  expect(uploaded.toSorted()).toEqual(["a.png", "b.png"]);
  await userEvent.type(screen.getByRole("textbox"), "What is this?{Enter}");
  const [text, files] = onSend.mock.calls[0] ?? [];
  expect(text).toBe("What is this?");
  expect(files).toHaveLength(2);
  expect(screen.queryByRole("list", { name: "Files" })).toBeNull();
});

it("takes what is pasted, and leaves pasted text alone", async () => {
  show();
  await button();
  const field = screen.getByRole("textbox");
  const paste = createEvent.paste(field, { clipboardData: { files: [file()] } });
  fireEvent(field, paste);
  expect(paste.defaultPrevented).toBe(true);
  expect(await screen.findByText("red.png")).toBeVisible();
  const text = createEvent.paste(field, { clipboardData: { files: [] } });
  fireEvent(field, text);
  expect(text.defaultPrevented).toBe(false);
});

it("takes what is dropped", async () => {
  show();
  await button();
  const form = screen.getByRole("form");
  const dataTransfer = { types: ["Files"], files: [file("notes.txt", "text/plain")] };
  fireEvent.dragOver(form, { dataTransfer });
  expect(form).toHaveAttribute("data-dropping");
  fireEvent.drop(form, { dataTransfer });
  expect(form).not.toHaveAttribute("data-dropping");
  expect(await screen.findByText("notes.txt")).toBeVisible();
});

it("has a chosen file at once, so that no question goes without it", async () => {
  show();
  const input = await button();
  fireEvent.change(input, { target: { files: [file()] } });
  expect(pendingFiles("new").map(({ name }) => name)).toEqual(["red.png"]);
  await waitFor(() => expect(pendingFiles("new")[0]?.attachment).toBeTruthy());
});

it("finds an uploaded file in the draft that it was moved to", async () => {
  show();
  fireEvent.change(await button(), { target: { files: [file()] } });
  moveFiles("new", "7");
  await waitFor(() => expect(pendingFiles("7")[0]?.attachment).toBeTruthy());
});

it("waits for the upload before it sends", async () => {
  let finish = (_: Response) => {};
  server.use(
    http.post(at("/attachments"), () => new Promise<Response>((resolve) => (finish = resolve))),
  );
  const onSend = show();
  await userEvent.upload(await button(), file());
  await userEvent.type(screen.getByRole("textbox"), "What is this?{Enter}");
  expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
  expect(onSend).not.toHaveBeenCalled();
  await waitFor(() => expect(screen.getByText("Uploading…")).toBeVisible());
  await act(async () => finish(HttpResponse.json(attachment(1), { status: 201 })));
  await waitFor(() => expect(screen.getByRole("button", { name: "Send" })).toBeEnabled());
});

it("says why a file was refused, until it is removed", async () => {
  server.use(
    http.post(at("/attachments"), () =>
      problemResponse(422, "attachment_no_text", "This PDF has no text."),
    ),
  );
  show();
  await userEvent.upload(await button(), file("scan.pdf", "application/pdf"));
  expect(await screen.findByText("This PDF has no text.")).toBeVisible();
  await userEvent.type(screen.getByRole("textbox"), "Sum up");
  expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
  await userEvent.click(screen.getByRole("button", { name: "Remove scan.pdf" }));
  expect(screen.getByRole("button", { name: "Send" })).toBeEnabled();
  expect(deleted).toEqual([]);
});

it("deletes a removed file at the server", async () => {
  show();
  await userEvent.upload(await button(), file());
  await waitFor(() => expect(pendingFiles("new")[0]?.attachment).toBeTruthy());
  await userEvent.click(screen.getByRole("button", { name: "Remove red.png" }));
  await waitFor(() => expect(deleted).toEqual(["1"]));
});

it("keeps the file of an earlier question when it is removed from a draft", async () => {
  putFilesBack("new", [attachment(9, { chat: 3 })]);
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Remove 9.png" }));
  expect(pendingFiles("new")).toEqual([]);
  expect(deleted).toEqual([]);
});

it("takes four", async () => {
  show();
  const told = renderHook(useToasts).result;
  const five = ["a", "b", "c", "d", "e"].map((name) => file(`${name}.png`));
  await userEvent.upload(await button(), five);
  const text = "At most 4 files go with a question.";
  await waitFor(() => expect(told.current.map((one) => one.text)).toContain(text));
  expect(pendingFiles("new")).toHaveLength(4);
});

it("offers only what the model takes", async () => {
  offer(["text"]);
  show();
  const input = await screen.findByLabelText("Add files");
  expect(input).toHaveAttribute("accept", expect.not.stringContaining("image/"));
});

it("offers nothing for a model that takes no files", async () => {
  offer([]);
  show();
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  expect(screen.queryByLabelText(/^Add/)).toBeNull();
  const field = screen.getByRole("textbox");
  const paste = createEvent.paste(field, { clipboardData: { files: [file()] } });
  fireEvent(field, paste);
  expect(paste.defaultPrevented).toBe(false);
});

it("moves the files of a new conversation along", () => {
  putFilesBack("new", [attachment(1)]);
  moveFiles("new", "7");
  expect(takeFiles("new")).toEqual([]);
  expect(takeFiles("7").map(({ id }) => id)).toEqual([1]);
});

it("forgets all files when the user signs out", () => {
  putFilesBack("new", [attachment(1)]);
  clearPersonalData();
  expect(pendingFiles("new")).toEqual([]);
});

it("shows the files of a question in their place before they are loaded", async () => {
  const text = attachment(2, { kind: "text", name: "notes.txt", width: null, height: null });
  render(<Question text="What?" files={[attachment(1, { width: 400, height: 200 }), text]} />);
  const picture = await screen.findByRole("img", { name: "1.png" });
  expect(picture).toHaveAttribute("width", "320");
  expect(picture).toHaveAttribute("height", "160");
  expect(screen.getByRole("link", { name: "notes.txt" })).toHaveAttribute(
    "href",
    at("/attachments/2/content"),
  );
});
