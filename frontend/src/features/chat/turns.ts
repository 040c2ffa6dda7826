/** The turns whose answers are being written. They live outside of React, so they continue when the
 * user goes to another page.
 */

import { ApiError, asApiError, type Problem, problemOf } from "@/api/apiError";
import type { Chat, Schemas } from "@/api/client";
import { keys } from "@/api/keys";
import { tellOtherTabs } from "@/api/otherTabs";
import { queryClient } from "@/api/queries";
import { createStore, useStore } from "@/createStore";
import {
  fetchChat,
  hasGoneOn,
  openAsk,
  openContinue,
  openRegenerate,
  openStream,
  stopStream,
  storeChat,
  storeNewConversation,
} from "./api";
import { keepDroppedWords } from "./droppedWords";
import { followStream } from "./followStream";
import type { StreamEvent } from "./streamEvents";
import { addThought, endThought } from "./thoughts";

export interface Turn {
  readonly key: string;
  readonly question: string;
  readonly parent: number | null;
  readonly conversation: number | null;
  readonly chat: number | null;
  readonly stream: string | null;
  /** The length of the text that the answer already has, where it is continued. */
  readonly begun: number;
  readonly phase: "sending" | "waiting" | "writing" | "stopping";
  readonly reconnecting: boolean;
}

interface Job {
  turn: Turn;
  text: string;
  /** The most that was shown: after a continuation that failed, the text comes without its words. */
  longest: string;
  /** The next chunk is the first of the text. */
  isAnew: boolean;
  isNewConversation: boolean;
  /** The one that the question names. */
  model: string;
  wantsStop: boolean;
  abort: AbortController;
  onError: (error: ApiError) => void;
}

const ASK_ATTEMPTS = 2;
const RESUME_ATTEMPTS = 30;

const jobs = new Map<string, Job>();
const turnOfChat = new Map<number, string>();
const conversationOfTurn = new Map<string, number>();
const endListeners = new Set<(outcome: Outcome) => void>();
const turns = createStore<readonly Turn[]>([]);
/** The text of each turn, as of the last frame. */
const texts = createStore<ReadonlyMap<string, string>>(new Map());
let isFlushScheduled = false;
/** Idempotency keys by request, where a network error left it unknown whether the server has the
 * question. The same question then goes out under the same key, so that it is charged once.
 */
const unresolvedKeys = new Map<string, string>();
/** Streams that `resume` has opened; one that failed is not tried again. */
const resumedStreams = new Set<string>();

export interface Outcome {
  chat: Chat | null;
  problem: Problem | null;
}

function publishTurns(): void {
  turns.set([...jobs.values()].map(({ turn }) => turn));
}

function update(job: Job, change: Partial<Turn>): void {
  const before = job.turn;
  const isSame = Object.entries(change).every(
    ([name, value]) => before[name as keyof Turn] === value,
  );
  if (isSame || !jobs.has(before.key)) return;
  job.turn = { ...before, ...change };
  publishTurns();
}

function publishTexts(): void {
  isFlushScheduled = false;
  texts.set(new Map([...jobs].map(([key, { text }]) => [key, text])));
}

/** Shows new text once per frame. A hidden tab has no frames, so there a timer does it. */
function scheduleTexts(): void {
  if (isFlushScheduled) return;
  isFlushScheduled = true;
  if (document.visibilityState === "hidden") setTimeout(publishTexts, 250);
  else requestAnimationFrame(publishTexts);
}

export function useTurns(): readonly Turn[] {
  return useStore(turns);
}

export function useTurnText(key: string): string {
  return useStore(texts, (all) => all.get(key) ?? "");
}

/** The conversation of a turn; also known after the answer has ended. */
export function conversationOf(key: string): number | undefined {
  return conversationOfTurn.get(key);
}

/** Calls the listener when an answer ends. Returns a function that unsubscribes it. */
export function onTurnEnd(listener: (outcome: Outcome) => void): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

/** The React key of a chat: that of the turn that created it, so that it stays the same when the
 * chat gets its id.
 */
export function chatKey(chat: number): string {
  return turnOfChat.get(chat) ?? String(chat);
}

export function exchangeKey({ chat, key }: Turn): string {
  return chat === null ? key : chatKey(chat);
}

function createJob(start: Partial<Turn>, onError: (error: ApiError) => void, text = ""): Job {
  const turn: Turn = {
    key: randomKey(),
    question: "",
    parent: null,
    conversation: null,
    chat: null,
    stream: null,
    begun: 0,
    phase: "sending",
    reconnecting: false,
    ...start,
  };
  const job: Job = {
    turn,
    text,
    longest: text,
    isAnew: false,
    isNewConversation: turn.conversation === null,
    model: "",
    wantsStop: false,
    abort: new AbortController(),
    onError,
  };
  jobs.set(turn.key, job);
  if (text) publishTexts();
  publishTurns();
  return job;
}

/** Asks a question; returns the turn's key. If it fails before the answer has begun, the turn is
 * removed and `onError` is called; with `follows`, also if something else has been asked after the
 * same parent meanwhile, in another tab or on another device.
 */
export function ask(
  body: Schemas["AskRequest"] & { content: string },
  onError: (error: ApiError) => void,
  { follows = false } = {},
): string {
  const { content, conversation = null, parent = null } = body;
  const job = createJob({ question: content, conversation, parent }, onError);
  job.model = body.model ?? "";
  const fingerprint = JSON.stringify(body);
  const before = unresolvedKeys.get(fingerprint);
  const key = before ?? randomKey();
  // Of a question that may have been stored already, what has been asked may be itself.
  let mayHaveGoneOn = follows && !before;
  unresolvedKeys.set(fingerprint, key);
  run(
    job,
    async (signal) => {
      if (mayHaveGoneOn) await refuseToFork(conversation, parent);
      mayHaveGoneOn = false;
      return openAsk(body, key, signal);
    },
    ASK_ATTEMPTS,
    (error) => {
      if (error?.code !== "network") unresolvedKeys.delete(fingerprint);
    },
  );
  return job.turn.key;
}

async function refuseToFork(conversation: number | null, parent: number | null): Promise<void> {
  if (conversation === null || parent === null) return;
  // If it cannot be known, the question itself will fail, or not.
  if (!(await hasGoneOn(conversation, parent).catch(() => false))) return;
  await queryClient.invalidateQueries({ queryKey: keys.conversation(conversation) });
  throw new ApiError(problemOf("gone_on", 409));
}

/** Whether the chat was asked in this tab, since the page was loaded. */
export function isAskedHere(chat: number): boolean {
  return turnOfChat.has(chat);
}

/** Requests another answer to a question. */
export function regenerate(
  chat: Chat,
  options: Schemas["WishRequest"],
  onError: (error: ApiError) => void,
): void {
  const { id, conversation, parent, content } = chat;
  const job = createJob({ chat: id, conversation, parent, question: content }, onError);
  // No retry: without an idempotency key, a second request would start a second answer.
  run(job, (signal) => openRegenerate(id, options, signal), 0);
}

/** Has the answer to a question continued, which was cut off at the limit of its length. */
export function continueAnswer(chat: Chat, onError: (error: ApiError) => void): void {
  const { id, conversation, parent, content, chat_reply: reply } = chat;
  if (!reply) return;
  const start = { chat: id, conversation, parent, question: content, begun: reply.content.length };
  const job = createJob(start, onError, reply.content);
  const key = randomKey();
  run(job, (signal) => openContinue(id, { reply: reply.id }, key, signal), ASK_ATTEMPTS);
}

/** Its chat may be the one that was just fetched. */
function isBeingSent(turn: Turn, conversation: number): boolean {
  return turn.chat === null && turn.conversation === conversation;
}

/** Reads an answer that has begun before the page was loaded. */
export function resume(chat: Chat): void {
  const { id, conversation, parent, content } = chat;
  const reply = chat.chat_reply;
  if (!reply || resumedStreams.has(reply.stream_id)) return;
  if ([...jobs.values()].some(({ turn }) => turn.chat === id || isBeingSent(turn, conversation)))
    return;
  resumedStreams.add(reply.stream_id);
  const start = { chat: id, conversation, parent, question: content, stream: reply.stream_id };
  const phase = reply.content ? "writing" : "waiting";
  const job = createJob({ ...start, phase }, () => {}, reply.content);
  run(job, (signal) => openStream(reply.stream_id, undefined, signal), RESUME_ATTEMPTS);
}

/** Stops an answer; the text so far is kept. */
export function stop(key: string): void {
  const job = jobs.get(key);
  if (!job) return;
  job.wantsStop = true;
  update(job, { phase: "stopping" });
  if (job.turn.stream) stopStream(job.turn.stream).catch(() => update(job, { phase: "writing" }));
}

/** Stops reading all answers; used when the user signs out. */
export function clearTurns(): void {
  for (const { abort } of jobs.values()) abort.abort();
  jobs.clear();
  unresolvedKeys.clear();
  resumedStreams.clear();
  publishTurns();
  publishTexts();
}

/** Lets `resume` open streams again that failed while the session was lost. */
export function allowResuming(): void {
  resumedStreams.clear();
}

async function run(
  job: Job,
  openFirst: (signal: AbortSignal) => Promise<Response>,
  attempts: number,
  onSettled: (error: ApiError | null) => void = () => {},
): Promise<void> {
  try {
    await followStream({
      open: (lastId, signal) =>
        job.turn.stream ? openStream(job.turn.stream, lastId, signal) : openFirst(signal),
      onEvent: (event) => handleEvent(job, event),
      onNoContent: () => fetchFinished(job),
      onReconnecting: (reconnecting) => update(job, { reconnecting }),
      signal: job.abort.signal,
      attempts: () => (job.turn.stream ? RESUME_ATTEMPTS : attempts),
    });
    onSettled(null);
  } catch (thrown) {
    const error = asApiError(thrown);
    onSettled(error);
    await handleError(job, error);
  }
}

/** Before the START event, the server has no question; after it, the stored chat says how it
 * ended.
 */
async function handleError(job: Job, error: ApiError): Promise<void> {
  const { chat, stream } = job.turn;
  if (!stream) {
    removeJob(job);
    job.onError(error);
    return;
  }
  const stored = chat === null ? null : await fetchChat(chat).catch(() => null);
  finish(job, stored, error.problem);
}

function handleEvent(job: Job, event: StreamEvent): void {
  if (event.type === "START") {
    handleStart(job, event.stream_id, event.chat);
  } else if (event.type === "CHUNK") {
    job.text = job.isAnew ? event.content : job.text + event.content;
    if (job.text.length > job.longest.length) job.longest = job.text;
    job.isAnew = false;
    if (job.turn.stream && job.text.length > job.turn.begun) endThought(job.turn.stream);
    if (job.turn.phase === "waiting") update(job, { phase: "writing" });
    scheduleTexts();
  } else if (event.type === "REASONING") {
    const { start, content, seconds } = event;
    if (job.turn.stream) addThought(job.turn.stream, start, content, seconds);
  } else if (event.type === "END") {
    finish(job, event.chat, null);
  } else {
    finish(job, event.chat, event.problem);
  }
}

function handleStart(job: Job, stream: string, chat: number): void {
  // The whole text comes. Until then the reader keeps what is there of an answer that is continued.
  job.isAnew = true;
  if (job.turn.begun === 0) job.text = "";
  if (job.turn.chat === null) turnOfChat.set(chat, job.turn.key);
  update(job, { stream, chat, phase: job.wantsStop ? "stopping" : "waiting" });
  scheduleTexts();
  if (job.wantsStop) stop(job.turn.key);
  fetchChat(chat)
    .then((stored) => {
      if (jobs.has(job.turn.key)) storeInConversation(job, stored);
      tellOtherTabs(stored.conversation);
      // It is the first in the list now.
      queryClient.invalidateQueries({ queryKey: keys.conversationList });
    })
    .catch(() => {}); // the last event has the chat, too
}

/** Puts the turn's chat into its conversation in the cache. */
function storeInConversation(job: Job, chat: Chat): void {
  if (job.isNewConversation && job.turn.conversation === null) {
    storeNewConversation(chat, job.model);
    queryClient.invalidateQueries({ queryKey: keys.conversationList });
  } else {
    storeChat(chat);
  }
  conversationOfTurn.set(job.turn.key, chat.conversation);
  update(job, { conversation: chat.conversation, chat: chat.id });
}

function fetchFinished(job: Job): void {
  if (job.turn.chat === null) {
    finish(job, null, problemOf("network"));
    return;
  }
  fetchChat(job.turn.chat)
    .then((chat) => finish(job, chat, null))
    .catch((error) => finish(job, null, asApiError(error).problem));
}

function finish(job: Job, chat: Chat | null, problem: Problem | null): void {
  if (!jobs.has(job.turn.key)) return;
  if (job.turn.stream) endThought(job.turn.stream);
  const reply = chat?.chat_reply;
  if (reply?.continuation?.error_code) {
    keepDroppedWords(reply.stream_id, reply.content, job.longest);
  }
  if (chat) {
    storeInConversation(job, chat);
    queryClient.invalidateQueries({ queryKey: keys.replies(chat.id) });
    tellOtherTabs(chat.conversation);
  }
  removeJob(job);
  // An answer that failed or is free gives its unit back, after the headers have reported it as used.
  const isRefunded = reply?.charged === false;
  if (problem || !chat || isRefunded)
    queryClient.refetchQueries({ queryKey: keys.profile, type: "all" });
  for (const listener of endListeners) listener({ chat, problem });
}

function removeJob(job: Job): void {
  job.abort.abort();
  jobs.delete(job.turn.key);
  publishTurns();
  scheduleTexts();
}

/** `crypto.randomUUID` exists only with HTTPS; this also works on plain HTTP in a local network. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
