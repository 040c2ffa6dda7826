/** The state of the turns whose answers are being written. It lives outside of React, so that answers
 * continue when the user goes to another page. `turns` changes it.
 */

import type { ApiError } from "@/api/apiError";
import { createStore, useStore } from "@/createStore";
import type { Attachment } from "./files";

export interface Turn {
  readonly key: string;
  readonly question: string;
  /** Those that go with the question. */
  readonly files: readonly Attachment[];
  readonly parent: number | null;
  readonly conversation: number | null;
  readonly chat: number | null;
  readonly stream: string | null;
  /** The length of the text that the answer already has, where it is continued. */
  readonly begun: number;
  readonly phase: "sending" | "waiting" | "writing" | "stopping";
  readonly reconnecting: boolean;
}

export interface Job {
  turn: Turn;
  text: string;
  /** The longest text that was shown: after a failed continuation the text lacks the added words. */
  longest: string;
  /** The next chunk is the first of the text. */
  isAnew: boolean;
  isNewConversation: boolean;
  /** The one that the question names. */
  model: string;
  isTemporary: boolean;
  wantsStop: boolean;
  abort: AbortController;
  onError: (error: ApiError) => void;
}

export const jobs = new Map<string, Job>();
export const turnOfChat = new Map<number, string>();
export const conversationOfTurn = new Map<string, number>();
const turns = createStore<readonly Turn[]>([]);
/** The text of each turn, as of the last frame. */
const texts = createStore<ReadonlyMap<string, string>>(new Map());
let isFlushScheduled = false;

export function publishTurns(): void {
  turns.set([...jobs.values()].map(({ turn }) => turn));
}

export function update(job: Job, change: Partial<Turn>): void {
  const before = job.turn;
  const isSame = Object.entries(change).every(
    ([name, value]) => before[name as keyof Turn] === value,
  );
  if (isSame || !jobs.has(before.key)) return;
  job.turn = { ...before, ...change };
  publishTurns();
}

export function publishTexts(): void {
  isFlushScheduled = false;
  texts.set(new Map([...jobs].map(([key, { text }]) => [key, text])));
}

/** Shows new text once per frame. A hidden tab has no frames, so there a timer does it. */
export function scheduleTexts(): void {
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

/** The React key of a chat: that of the turn that created it, so that it stays the same when the
 * chat gets its id.
 */
export function chatKey(chat: number): string {
  return turnOfChat.get(chat) ?? String(chat);
}

export function exchangeKey({ chat, key }: Turn): string {
  return chat === null ? key : chatKey(chat);
}

/** Whether the chat was asked in this tab, since the page was loaded. */
export function isAskedHere(chat: number): boolean {
  return turnOfChat.has(chat);
}

export function createJob(
  start: Partial<Turn>,
  onError: (error: ApiError) => void,
  text = "",
): Job {
  const turn: Turn = {
    key: randomKey(),
    question: "",
    files: [],
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
    isTemporary: false,
    wantsStop: false,
    abort: new AbortController(),
    onError,
  };
  jobs.set(turn.key, job);
  if (text) publishTexts();
  publishTurns();
  return job;
}

export function removeJob(job: Job): void {
  job.abort.abort();
  jobs.delete(job.turn.key);
  publishTurns();
  scheduleTexts();
}

/** `crypto.randomUUID` exists only with HTTPS; this also works on plain HTTP in a local network. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
