/** The answers that are being written now, outside of React: they go on while pages change. */
import { useSyncExternalStore } from "react";
import type { Chat, Schemas } from "@/api/client";
import { asRefusal, type Problem, problemOf, type Refusal } from "@/api/problem";
import { queryClient } from "@/api/queries";
import {
  fetchChat,
  openAsk,
  openRegenerate,
  openStream,
  repliesQuery,
  stopStream,
  storeChat,
  storeNewConversation,
} from "./api";
import type { StreamEvent } from "./events";
import { follow } from "./reader";

export interface Turn {
  readonly key: string;
  readonly question: string;
  readonly parent: number | null;
  readonly conversation: number | null;
  readonly chat: number | null;
  readonly stream: string | null;
  readonly phase: "sending" | "waiting" | "writing" | "stopping";
  readonly reconnecting: boolean;
}

interface Job {
  turn: Turn;
  text: string;
  isNewConversation: boolean;
  wantsStop: boolean;
  abort: AbortController;
  onRefused: (refusal: Refusal) => void;
}

const ASK_ATTEMPTS = 2;
const RESUME_ATTEMPTS = 30;

const jobs = new Map<string, Job>();
const keyOfChat = new Map<number, string>();
const places = new Map<string, number>();
const endListeners = new Set<(outcome: Outcome) => void>();
const listeners = new Set<() => void>();
const textListeners = new Set<() => void>();
let snapshot: readonly Turn[] = [];
let flushing = false;
/** Keys of questions whose fate is unknown: asked again, they must not count twice. */
const unsettled = new Map<string, string>();
/** Streams that were taken up already; one that could not be read is not tried for ever. */
const resumed = new Set<string>();

export interface Outcome {
  chat: Chat | null;
  problem: Problem | null;
}

function changed(): void {
  snapshot = [...jobs.values()].map(({ turn }) => turn);
  for (const listener of listeners) listener();
}

function update(job: Job, change: Partial<Turn>): void {
  const before = job.turn;
  const isSame = Object.entries(change).every(
    ([name, value]) => before[name as keyof Turn] === value,
  );
  if (isSame || !jobs.has(before.key)) return;
  job.turn = { ...before, ...change };
  changed();
}

/** Text reaches the screen once a frame; a hidden tab has no frames, so there it is a timer. */
function flushSoon(): void {
  if (flushing) return;
  flushing = true;
  const flush = () => {
    flushing = false;
    for (const listener of textListeners) listener();
  };
  if (document.visibilityState === "hidden") setTimeout(flush, 250);
  else requestAnimationFrame(flush);
}

export function useTurns(): readonly Turn[] {
  return useSyncExternalStore(subscribe(listeners), () => snapshot);
}

export function useTurnText(key: string): string {
  return useSyncExternalStore(subscribe(textListeners), () => jobs.get(key)?.text ?? "");
}

const subscribers = new Map<Set<() => void>, (listener: () => void) => () => void>();
function subscribe(to: Set<() => void>): (listener: () => void) => () => void {
  const known = subscribers.get(to);
  if (known) return known;
  const made = (listener: () => void) => {
    to.add(listener);
    return () => {
      to.delete(listener);
    };
  };
  subscribers.set(to, made);
  return made;
}

/** The conversation in which a question ended up; known even when its answer is complete already. */
export function conversationOf(key: string): number | undefined {
  return places.get(key);
}

/** Tells how each answer ended. */
export function onTurnEnd(listener: (outcome: Outcome) => void): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

/** A name for a message on the page that survives its getting a number. */
export function stableKey(chat: number): string {
  return keyOfChat.get(chat) ?? String(chat);
}

export function nameOf({ chat, key }: Turn): string {
  return chat === null ? key : stableKey(chat);
}

function begin(start: Partial<Turn>, onRefused: (refusal: Refusal) => void): Job {
  const turn: Turn = {
    key: randomKey(),
    question: "",
    parent: null,
    conversation: null,
    chat: null,
    stream: null,
    phase: "sending",
    reconnecting: false,
    ...start,
  };
  const job: Job = {
    turn,
    text: "",
    isNewConversation: turn.conversation === null,
    wantsStop: false,
    abort: new AbortController(),
    onRefused,
  };
  jobs.set(turn.key, job);
  changed();
  return job;
}

/** Asks a question. A refusal goes to `onRefused`, and then nothing of it is left. */
export function ask(
  body: Schemas["AskRequest"] & { content: string },
  onRefused: (refusal: Refusal) => void,
): string {
  const { content, conversation = null, parent = null } = body;
  const job = begin({ question: content, conversation, parent }, onRefused);
  const print = JSON.stringify(body);
  const key = unsettled.get(print) ?? randomKey();
  unsettled.set(print, key);
  run(
    job,
    (signal) => openAsk(body, key, signal),
    ASK_ATTEMPTS,
    (refusal) => {
      if (refusal?.code !== "network") unsettled.delete(print);
    },
  );
  return job.turn.key;
}

/** Has a question answered again. */
export function regenerate(
  chat: Chat,
  wish: Schemas["WishRequest"],
  onRefused: (refusal: Refusal) => void,
): void {
  const { id, conversation, parent, content } = chat;
  const job = begin({ chat: id, conversation, parent, question: content }, onRefused);
  // A second request would be a second answer: what got lost is looked up instead.
  run(job, (signal) => openRegenerate(id, wish, signal), 0);
}

/** Goes on reading an answer that was begun before this page was opened. */
export function resume(chat: Chat): void {
  const { id, conversation, parent, content } = chat;
  const reply = chat.chat_reply;
  if (!reply || resumed.has(reply.stream_id)) return;
  if ([...jobs.values()].some(({ turn }) => turn.chat === id)) return;
  resumed.add(reply.stream_id);
  const start = { chat: id, conversation, parent, question: content, stream: reply.stream_id };
  const job = begin({ ...start, phase: reply.content ? "writing" : "waiting" }, () => {});
  job.text = reply.content;
  run(job, (signal) => openStream(reply.stream_id, undefined, signal), RESUME_ATTEMPTS);
}

/** Stops an answer where it stands; what was seen is kept. */
export function stop(key: string): void {
  const job = jobs.get(key);
  if (!job) return;
  job.wantsStop = true;
  update(job, { phase: "stopping" });
  if (job.turn.stream) stopStream(job.turn.stream).catch(() => update(job, { phase: "writing" }));
}

/** Lets go of everything, when somebody signs out. */
export function forgetTurns(): void {
  for (const { abort } of jobs.values()) abort.abort();
  jobs.clear();
  unsettled.clear();
  resumed.clear();
  changed();
}

/** After a session came back, answers that could not be read may be read again. */
export function allowResuming(): void {
  resumed.clear();
}

async function run(
  job: Job,
  openFirst: (signal: AbortSignal) => Promise<Response>,
  attempts: number,
  settled: (refusal: Refusal | null) => void = () => {},
): Promise<void> {
  try {
    await follow({
      open: (lastId, signal) =>
        job.turn.stream ? openStream(job.turn.stream, lastId, signal) : openFirst(signal),
      onEvent: (event) => take(job, event),
      onNothingNew: () => lookUp(job),
      onReconnecting: (reconnecting) => update(job, { reconnecting }),
      signal: job.abort.signal,
      attempts: () => (job.turn.stream ? RESUME_ATTEMPTS : attempts),
    });
    settled(null);
  } catch (error) {
    const refusal = asRefusal(error);
    settled(refusal);
    await refuse(job, refusal);
  }
}

/** A refusal before the start means that nothing was asked; after it, the server knows more. */
async function refuse(job: Job, refusal: Refusal): Promise<void> {
  const { chat, stream } = job.turn;
  if (!stream) {
    drop(job);
    job.onRefused(refusal);
    return;
  }
  const stored = chat === null ? null : await fetchChat(chat).catch(() => null);
  finish(job, stored, refusal.problem);
}

function take(job: Job, event: StreamEvent): void {
  if (event.type === "START") {
    started(job, event.stream_id, event.chat);
  } else if (event.type === "CHUNK") {
    job.text += event.content;
    if (job.turn.phase === "waiting") update(job, { phase: "writing" });
    flushSoon();
  } else if (event.type === "END") {
    finish(job, event.chat, null);
  } else {
    finish(job, event.chat, event.problem);
  }
}

function started(job: Job, stream: string, chat: number): void {
  // A stream that starts again tells everything again: the server's text wins.
  job.text = "";
  if (job.turn.chat === null) keyOfChat.set(chat, job.turn.key);
  update(job, { stream, chat, phase: job.wantsStop ? "stopping" : "waiting" });
  flushSoon();
  if (job.wantsStop) stop(job.turn.key);
  fetchChat(chat)
    .then((stored) => jobs.has(job.turn.key) && adopt(job, stored))
    .catch(() => {}); // the last event tells it too
}

/** Gives a turn its place among the stored ones. */
function adopt(job: Job, chat: Chat): void {
  if (job.isNewConversation && job.turn.conversation === null) {
    storeNewConversation(chat);
    queryClient.invalidateQueries({ queryKey: ["conversations"] });
  } else {
    storeChat(chat);
  }
  places.set(job.turn.key, chat.conversation);
  update(job, { conversation: chat.conversation, chat: chat.id });
}

function lookUp(job: Job): void {
  if (job.turn.chat === null) {
    finish(job, null, problemOf("network"));
    return;
  }
  fetchChat(job.turn.chat)
    .then((chat) => finish(job, chat, null))
    .catch((error) => finish(job, null, asRefusal(error).problem));
}

function finish(job: Job, chat: Chat | null, problem: Problem | null): void {
  if (!jobs.has(job.turn.key)) return;
  if (chat) {
    adopt(job, chat);
    queryClient.invalidateQueries({ queryKey: repliesQuery(chat.id).queryKey });
  }
  drop(job);
  // A failure gives the unit back after the headers that told of it being taken.
  if (problem || !chat) queryClient.refetchQueries({ queryKey: ["profile"], type: "all" });
  for (const listener of endListeners) listener({ chat, problem });
}

function drop(job: Job): void {
  job.abort.abort();
  jobs.delete(job.turn.key);
  changed();
  flushSoon();
}

/** `crypto.randomUUID` needs HTTPS; a house server on plain HTTP has only this. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
