import { HttpResponse, http } from "msw";
import { afterEach, expect, it, vi } from "vitest";
import { at, problemResponse, server } from "@/test/server";
import { download } from "./api";

const conversation = {
  id: 7,
  title: "Who? / What?",
  title_by: "" as const,
  system_prompt: "",
  created_at: "2026-03-01T09:00:00+09:00",
  updated_at: "2026-03-01T09:00:00+09:00",
  links: [],
};

afterEach(() => vi.restoreAllMocks());

it("saves the document under the conversation's title", async () => {
  let accept: string | null = null;
  server.use(
    http.get(at("/conversations/7"), ({ request }) => {
      accept = request.headers.get("Accept");
      return new HttpResponse("# Who?", { headers: { "Content-Type": "text/markdown" } });
    }),
  );
  URL.createObjectURL = () => "blob:document";
  URL.revokeObjectURL = () => {};
  const clicked: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    clicked.push(`${this.href} ${this.download}`);
  });
  await download(conversation);
  expect(accept).toBe("text/markdown");
  expect(clicked).toEqual(["blob:document Who What.md"]);
});

it("throws the error that the server answers with", async () => {
  server.use(http.get(at("/conversations/7"), () => problemResponse(404, "not_found", "Gone.")));
  await expect(download(conversation)).rejects.toMatchObject({ code: "not_found" });
});
