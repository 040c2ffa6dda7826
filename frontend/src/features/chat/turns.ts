/** Asking questions, and following and stopping their answers. `turnStore` has the state. */

import { ApiError, asApiError, type Problem, problemOf } from "@/api/apiError";
import type { Chat, Schemas } from "@/api/client";
import { keys } from "@/api/keys";
import { tellOtherTabs } from "@/api/otherTabs";
import { queryClient } from "@/api/queries";
import { stopWaiting, waitForAdditions } from "./additions";
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
import type { Attachment } from "./files";
import { followStream } from "./followStream";
import type { StreamEvent } from "./streamEvents";
import { addThought, endThought } from "./thoughts";
import {
  conversationOfTurn,
  createJob,
  type Job,
  jobs,
  publishTexts,
  publishTurns,
  randomKey,
  removeJob,
  scheduleTexts,
  type Turn,
  turnOfChat,
  update,
} from "./turnStore";

const ASK_ATTEMPTS = 2;
const RESUME_ATTEMPTS = 30;

const endListeners = new Set<(outcome: Outcome) => void>();
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

/** Calls the listener when an answer ends. Returns a function that unsubscribes it. */
export function onTurnEnd(listener: (outcome: Outcome) => void): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

/** Asks a question; returns the turn's key. If it fails before the answer has begun, the turn is
 * removed and `onError` is called; with `follows`, also if something else has been asked after the
 * same parent meanwhile, in another tab or on another device.
 */
export function ask(
  body: Schemas["AskRequest"] & { content: string },
  onError: (error: ApiError) => void,
  { follows = false, files = [] as readonly Attachment[] } = {},
): string {
  const { content, conversation = null, parent = null } = body;
  const job = createJob({ question: content, files, conversation, parent }, onError);
  job.model = body.model ?? "";
  job.isTemporary = body.temporary ?? false;
  const fingerprint = JSON.stringify(body);
  const before = unresolvedKeys.get(fingerprint);
  const key = before ?? randomKey();
  // If the question may have been stored already, the newer chat may be this question itself.
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
  // If the server cannot be asked, the question is sent all the same.
  if (!(await hasGoneOn(conversation, parent).catch(() => false))) return;
  await queryClient.invalidateQueries({ queryKey: keys.conversation(conversation) });
  throw new ApiError(problemOf("gone_on", 409));
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
  stopWaiting();
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
  // The server sends the whole text. Until it comes, the beginning of a continued answer stays visible.
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
    storeNewConversation(chat, job.model, job.isTemporary);
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
    waitForAdditions(chat);
  }
  removeJob(job);
  // An answer that failed or is free gives its unit back, after the headers have reported it as used.
  const isRefunded = reply?.charged === false;
  if (problem || !chat || isRefunded)
    queryClient.refetchQueries({ queryKey: keys.profile, type: "all" });
  for (const listener of endListeners) listener({ chat, problem });
}
