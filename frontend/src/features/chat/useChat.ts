import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ApiError } from "@/api/apiError";
import type { Chat } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useIsTouch } from "@/ui/useMedia";
import { type ConversationWithChats, loadEarlier } from "./api";
import { type Choices, choicesTo, shownBranch } from "./branches";
import { moveDraft, putBack, replaceDraft, restoreDraft } from "./drafts";
import { type Attachment, moveFiles, putFilesBack } from "./files";
import { conversationOf, isAskedHere, useTurns } from "./turnStore";
import { ask, continueAnswer, type Outcome, onTurnEnd, regenerate, resume, stop } from "./turns";
import { useModel } from "./useModel";

const NONE: readonly Chat[] = [];

/** The state of a chat page and its actions. `id` is the conversation's, null for a new one. */
export function useChat(id: number | null, conversation: ConversationWithChats | undefined) {
  const chats = (id === null ? undefined : conversation?.chats) ?? NONE;
  const field = useRef<HTMLTextAreaElement>(null);
  const isTouch = useIsTouch();
  const all = useTurns();
  const [newKey, setNewKey] = useState<string | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const [error, setError] = useState<ApiError | null>(null);
  const [revision, setRevision] = useState(0);
  const [isTemporary, setTemporary] = useState(false);
  const model = useModel(id, conversation);
  const problems = useProblems();
  const draftKey = id === null ? "new" : String(id);

  const turns = all.filter((turn) =>
    id === null ? turn.key === newKey : turn.conversation === id,
  );
  const running = turns.at(-1);
  const known = new Set(chats.map((chat) => chat.id));
  const pending = turns.find((turn) => turn.chat === null || !known.has(turn.chat));
  const [found, forgetFound] = useFound(conversation);
  const branch = useMemo(
    () => shownBranch(chats, { ...choicesTo(chats, found), ...choices }),
    [chats, choices, found],
  );
  const steps = pending
    ? branch.slice(0, branch.findIndex((step) => step.chat.id === pending.parent) + 1)
    : branch;

  const newConversation = newKey === null ? undefined : conversationOf(newKey);
  useNewConversation(id, newConversation, () => setNewKey(null));
  usePrefill(draftKey, () => setRevision((count) => count + 1), field);
  useResume(chats);
  useEffect(() => {
    if (id !== null) setTemporary(false); // the next new one is as usual again
  }, [id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an error belongs to its conversation
  useEffect(() => setError(null), [draftKey]);

  const [wentOn, forgetWentOn] = useWentOn(id, chats);

  const submit = (
    text: string,
    parent: number | null,
    { follows = false, files = [] as readonly Attachment[] } = {},
  ) => {
    setError(null);
    forgetFound();
    forgetWentOn();
    const named = model.named();
    const body = {
      content: text,
      ...(id === null ? {} : { conversation: id, parent }),
      ...(id === null && isTemporary ? { temporary: true } : {}),
      ...(named ? { model: named } : {}),
      ...(files.length > 0 ? { attachments: files.map((file) => file.id) } : {}),
    };
    const onError = (failure: ApiError) => {
      restoreDraft(draftKey, text);
      putFilesBack(draftKey, files);
      setRevision((count) => count + 1);
      setError(isQuotaExhausted(failure) ? null : failure);
      if (!isTouch) field.current?.focus();
    };
    const key = ask(body, onError, { follows, files });
    if (id === null) setNewKey(key);
  };

  return {
    field,
    draftKey,
    revision,
    steps,
    found,
    pending,
    turns,
    running,
    isTemporary: conversation?.temporary ?? isTemporary,
    setTemporary,
    isOpening: id === null && newConversation !== undefined,
    problems,
    wentOn,
    error,
    model,
    send: (text: string, files: readonly Attachment[]) =>
      submit(text, branch.at(-1)?.chat.id ?? null, { follows: true, files }),
    resend: (chat: Chat, text: string) => {
      // Without a choice the newest version is shown, which is the edited question.
      setChoices(({ [chat.parent ?? ""]: _, ...others }) => others);
      submit(text, chat.parent, { files: chat.attachments });
    },
    regenerate: (chat: Chat) => {
      setError(null);
      regenerate(chat, model.model ? { model: model.model } : {}, (failure) => {
        setError(isQuotaExhausted(failure) ? null : failure);
        queryClient.invalidateQueries({ queryKey: keys.conversation(chat.conversation) });
      });
    },
    continueAnswer: (chat: Chat) => {
      setError(null);
      continueAnswer(chat, (failure) => {
        setError(failure);
        queryClient.invalidateQueries({ queryKey: keys.conversation(chat.conversation) });
      });
    },
    choose: (above: string, chosen: number) =>
      setChoices((before) => ({ ...before, [above]: chosen })),
    stop: () => {
      if (running) stop(running.key);
      if (!isTouch) field.current?.focus();
    },
    suggest: (text: string) => {
      replaceDraft(draftKey, text);
      setRevision((count) => count + 1);
      field.current?.focus();
    },
    putBack: () => {
      putBack(draftKey);
      setRevision((count) => count + 1);
      field.current?.focus();
    },
  };
}

/** The composer itself shows an exhausted quota, with the time of the reset. */
function isQuotaExhausted(error: ApiError): boolean {
  return error.code === "quota_exhausted";
}

/** Changes the address to that of a new conversation once its first answer has begun. */
function useNewConversation(
  id: number | null,
  conversation: number | undefined,
  onOpened: () => void,
): void {
  const navigate = useNavigate();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once, when the id is known
  useEffect(() => {
    if (id !== null || conversation === undefined) return;
    moveDraft("new", String(conversation));
    moveFiles("new", String(conversation));
    navigate({ to: "/c/$id", params: { id: String(conversation) }, replace: true }).then(onOpened);
  }, [id, conversation]);
}

/** Puts the question in the address (`?ask=`) into the field, where it can be sent or changed. */
function usePrefill(
  draftKey: string,
  onPrefilled: () => void,
  field: { current: HTMLTextAreaElement | null },
): void {
  const navigate = useNavigate();
  const { ask: asked } = useSearch({ strict: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the address has another question
  useEffect(() => {
    if (!asked) return;
    replaceDraft(draftKey, asked);
    onPrefilled();
    navigate({ to: "/", search: {}, replace: true });
    field.current?.focus();
  }, [asked]);
}

/** The chat that the address names (`?chat=`), as a search does. Loads earlier chats until it is
 * there. The second value takes it out of the address.
 */
function useFound(conversation: ConversationWithChats | undefined) {
  const { chat: found } = useSearch({ strict: false });
  const navigate = useNavigate();
  const isMissing =
    found !== undefined &&
    conversation !== undefined &&
    conversation.chats.length < conversation.chat_count &&
    !conversation.chats.some(({ id }) => id === found);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page of earlier chats
  useEffect(() => {
    if (isMissing) loadEarlier(conversation).catch(() => {}); // the button for it is still there
  }, [isMissing, conversation?.chats.length]);
  const forget = () => {
    if (found !== undefined) navigate({ to: ".", search: {}, replace: true, resetScroll: false });
  };
  return [found, forget] as const;
}

/** Whether a question was asked in this conversation elsewhere since it was opened. */
function useWentOn(id: number | null, chats: readonly Chat[]) {
  const [wentOn, setWentOn] = useState(false);
  const seen = useRef({ id, newest: 0 });
  const newest = chats.at(-1)?.id ?? 0;
  useEffect(() => {
    const before = seen.current;
    seen.current = { id, newest };
    if (before.id !== id || before.newest === 0) setWentOn(false);
    else if (newest > before.newest && !isAskedHere(newest)) setWentOn(true);
  }, [id, newest]);
  return [wentOn, () => setWentOn(false)] as const;
}

/** Reads the answers that were being written when this page was opened. */
function useResume(chats: readonly Chat[]): void {
  useEffect(() => {
    for (const chat of chats) {
      if (chat.chat_reply?.status === "streaming") resume(chat);
    }
  }, [chats]);
}

/** The server's texts for answers that failed while this page was open, by chat id. */
function useProblems(): ReadonlyMap<number, string> {
  const [problems, setProblems] = useState<ReadonlyMap<number, string>>(new Map());
  useEffect(
    () =>
      onTurnEnd(({ chat, problem }: Outcome) => {
        if (!chat) return;
        setProblems((before) => new Map(before).set(chat.id, problem?.detail ?? ""));
      }),
    [],
  );
  return problems;
}
