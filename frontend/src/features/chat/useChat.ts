import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ApiError } from "@/api/apiError";
import type { Chat } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useIsTouch } from "@/ui/useMedia";
import { type Choices, shownBranch } from "./branches";
import { moveDraft, restoreDraft, saveDraft } from "./drafts";
import {
  ask,
  conversationOf,
  type Outcome,
  onTurnEnd,
  regenerate,
  resume,
  stop,
  useTurns,
} from "./turns";
import { useModel } from "./useModel";

/** The state of a chat page and its actions. `id` is the conversation's, null for a new one. */
export function useChat(id: number | null, chats: readonly Chat[]) {
  const field = useRef<HTMLTextAreaElement>(null);
  const isTouch = useIsTouch();
  const all = useTurns();
  const [newKey, setNewKey] = useState<string | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const [error, setError] = useState<ApiError | null>(null);
  const [revision, setRevision] = useState(0);
  const [model, setModel] = useModel();
  const problems = useProblems();
  const draftKey = id === null ? "new" : String(id);

  const turns = all.filter((turn) =>
    id === null ? turn.key === newKey : turn.conversation === id,
  );
  const running = turns.at(-1);
  const known = new Set(chats.map((chat) => chat.id));
  const pending = turns.find((turn) => turn.chat === null || !known.has(turn.chat));
  const branch = useMemo(() => shownBranch(chats, choices), [chats, choices]);
  const steps = pending
    ? branch.slice(0, branch.findIndex((step) => step.chat.id === pending.parent) + 1)
    : branch;

  const newConversation = newKey === null ? undefined : conversationOf(newKey);
  useNewConversation(id, newConversation, () => setNewKey(null));
  usePrefill(draftKey, () => setRevision((count) => count + 1), field);
  useResume(chats);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an error belongs to its conversation
  useEffect(() => setError(null), [draftKey]);

  const submit = (text: string, parent: number | null) => {
    setError(null);
    const body = {
      content: text,
      ...(id === null ? {} : { conversation: id, parent }),
      ...(model ? { model } : {}),
    };
    const key = ask(body, (failure) => {
      restoreDraft(draftKey, text);
      setRevision((count) => count + 1);
      setError(isQuotaExhausted(failure) ? null : failure);
      if (!isTouch) field.current?.focus();
    });
    if (id === null) setNewKey(key);
  };

  return {
    field,
    draftKey,
    revision,
    steps,
    pending,
    turns,
    running,
    isOpening: id === null && newConversation !== undefined,
    problems,
    error,
    model,
    setModel,
    send: (text: string) => submit(text, branch.at(-1)?.chat.id ?? null),
    resend: (chat: Chat, text: string) => {
      // Without a choice the newest version is shown, which is the edited question.
      setChoices(({ [chat.parent ?? ""]: _, ...others }) => others);
      submit(text, chat.parent);
    },
    regenerate: (chat: Chat) => {
      setError(null);
      regenerate(chat, model ? { model } : {}, (failure) => {
        setError(isQuotaExhausted(failure) ? null : failure);
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
      saveDraft(draftKey, text);
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
    saveDraft(draftKey, asked);
    onPrefilled();
    navigate({ to: "/", search: {}, replace: true });
    field.current?.focus();
  }, [asked]);
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
