import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { queryClient } from "@/api/queries";
import { at, chat, problemResponse, reply, server } from "@/test/server";
import { stopWaiting, waitForAdditions } from "./additions";
import { conversationQuery, modelsQuery, storeNewConversation } from "./api";

const asked = chat({ id: 3, conversation: 7, parent: null, chat_reply: reply({ content: "So" }) });
const SOON = [0, 0, 0];

function site(titles: boolean, follow_ups: boolean): void {
  queryClient.setQueryData(modelsQuery.queryKey, { results: [], titles, follow_ups });
}

/** The conversation as the server has it at each request; the last one stays. */
function answers(...states: object[]): () => number {
  let requests = 0;
  server.use(
    http.get(at("/conversations/7"), () => {
      const state = states[Math.min(requests, states.length - 1)];
      requests += 1;
      return HttpResponse.json({ id: 7, title: "So?", title_by: "", chats: [asked], ...state });
    }),
  );
  return () => requests;
}

const known = () => queryClient.getQueryData(conversationQuery(7).queryKey);

beforeEach(() => {
  queryClient.clear();
  storeNewConversation(asked);
});

it("asks for nothing where the site adds nothing", async () => {
  site(false, false);
  await waitForAdditions(asked, SOON); // an unexpected request fails the test
  expect(known()?.title_by).toBe("");
});

it("shows the title when it is there", async () => {
  site(true, false);
  const requests = answers({}, { title: "By a model", title_by: "model" });
  await waitForAdditions(asked, SOON);
  expect(known()?.title).toBe("By a model");
  expect(requests()).toBe(2);
});

it("stops when the words stay, and tries again after a failure", async () => {
  site(true, false);
  server.use(http.get(at("/conversations/7"), () => problemResponse(503, "unavailable")));
  await waitForAdditions(asked, [0]);
  expect(known()?.title_by).toBe("");
  const requests = answers({ title: "So?", title_by: "words" });
  await waitForAdditions(asked, SOON);
  expect([known()?.title_by, requests()]).toEqual(["words", 1]);
});

it("asks for no title of a later question, a temporary conversation or an answer that failed", async () => {
  site(true, true);
  const failed = reply({ status: "failed" });
  await waitForAdditions({ ...asked, chat_reply: failed }, SOON);
  site(true, false);
  await waitForAdditions({ ...asked, parent: 2 }, SOON);
  storeNewConversation(asked, "", true);
  await waitForAdditions(asked, SOON);
  expect(known()?.title_by).toBe("");
});

it("shows the questions to follow", async () => {
  site(false, true);
  let requests = 0;
  server.use(
    http.get(at("/chat/3"), () => {
      requests += 1;
      const follow_ups = requests < 2 ? null : ["Why?"];
      return HttpResponse.json({ ...asked, chat_reply: { ...asked.chat_reply, follow_ups } });
    }),
  );
  await waitForAdditions(asked, SOON);
  expect(known()?.chats[0]?.chat_reply?.follow_ups).toEqual(["Why?"]);
  expect(requests).toBe(2);
});

it("leaves an answer alone that was written again meanwhile", async () => {
  site(false, true);
  const other = { ...asked, chat_reply: reply({ id: 9, status: "streaming" }) };
  server.use(http.get(at("/chat/3"), () => HttpResponse.json(other)));
  await waitForAdditions(asked, SOON);
  expect(known()?.chats[0]?.chat_reply?.id).toBe(asked.chat_reply?.id);
});

it("stops when the user signs out", async () => {
  site(true, true);
  const waiting = waitForAdditions(asked, SOON); // an unexpected request fails the test
  stopWaiting();
  await waiting;
  expect(known()?.title_by).toBe("");
});
