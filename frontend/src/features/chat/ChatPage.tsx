import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "@/api/client";
import type { Refusal } from "@/api/problem";
import { queryClient } from "@/api/queries";
import { useRefusalText } from "@/ui/refusal";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { useIsTouch } from "@/ui/useMedia";
import { usePage } from "@/ui/usePage";
import { conversationQuery } from "./api";
import { Composer } from "./Composer";
import { keepDraft, moveDraft, putBack } from "./drafts";
import { type Choices, pathOf } from "./path";
import { Suggestions } from "./Suggestions";
import { Transcript } from "./Transcript";
import {
  ask,
  conversationOf,
  type Outcome,
  onTurnEnd,
  regenerate,
  resume,
  stop,
  type Turn,
  useTurns,
} from "./turns";
import { useModel } from "./useModel";

/** A conversation, or the beginning of one. It stays mounted while the address gets its number. */
export function ChatPage() {
  const { id: given } = useParams({ strict: false });
  const id = given === undefined ? null : Number(given);
  const { t } = useTranslation();
  const conversation = useQuery({
    ...conversationQuery(id ?? 0),
    enabled: id !== null && Number.isSafeInteger(id),
  });
  const chats = useMemo(
    () => (id === null ? [] : (conversation.data?.chats ?? [])),
    [id, conversation.data],
  );
  const chat = useChat(id, chats);
  const title = id === null ? t("chat.new") : conversation.data?.title || t("chat.title");
  const heading = usePage(title);
  const isMissing = id !== null && (conversation.isError || !Number.isSafeInteger(id));
  const isEmpty = chat.steps.length === 0 && !chat.pending && !chat.arriving;

  return (
    <main id="main" className="flex min-h-0 flex-1 flex-col">
      <Announcer turn={chat.running} />
      {isMissing && !conversation.data ? (
        <div className="flex-1">
          <h1 ref={heading} tabIndex={-1} className="sr-only">
            {title}
          </h1>
          <Failure
            error={conversation.error ?? new Error("no such conversation")}
            onRetry={() => conversation.refetch()}
          />
        </div>
      ) : id !== null && conversation.isPending && !chat.pending ? (
        <div className="mx-auto w-full max-w-[768px] flex-1 p-6">
          <h1 ref={heading} tabIndex={-1} className="sr-only">
            {title}
          </h1>
          <Skeleton />
        </div>
      ) : isEmpty ? (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <div className="mx-auto flex min-h-full w-full max-w-[768px] flex-col justify-center gap-6 px-4 py-8">
            <div>
              <h1 ref={heading} tabIndex={-1} className="text-2xl">
                {t("chat.heading")}
              </h1>
              <p className="mt-2 text-mute">{t("chat.intro")}</p>
            </div>
            <Suggestions onChoose={chat.propose} />
          </div>
        </div>
      ) : (
        <Transcript
          heading={heading}
          title={title}
          conversation={id === null ? undefined : conversation.data}
          steps={chat.steps}
          pending={chat.pending}
          turns={chat.turns}
          problems={chat.problems}
          onChoose={chat.choose}
          onResend={chat.running ? undefined : chat.resend}
          onRegenerate={chat.running ? undefined : chat.again}
        />
      )}
      <Composer
        place={chat.place}
        revision={chat.revision}
        field={chat.field}
        onSend={chat.send}
        onStop={chat.running ? chat.stop : null}
        stopping={chat.running?.phase === "stopping"}
        model={chat.model}
        onModel={chat.setModel}
      >
        {chat.refusal && <Refused refusal={chat.refusal} />}
      </Composer>
    </main>
  );
}

function Refused({ refusal }: { refusal: Refusal }) {
  return <Alert>{useRefusalText(refusal)}</Alert>;
}

/** One place that says to a screen reader that an answer is being written, and that it is done. */
function Announcer({ turn }: { turn: Turn | undefined }) {
  const { t } = useTranslation();
  const [said, setSaid] = useState("");
  const isWriting = turn !== undefined;
  const was = useRef(isWriting);
  useEffect(() => {
    if (isWriting) setSaid(t("chat.writing"));
    else if (was.current) setSaid(t("chat.done"));
    was.current = isWriting;
  }, [isWriting, t]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}

/** All that happens in a conversation. */
function useChat(id: number | null, chats: readonly Chat[]) {
  const field = useRef<HTMLTextAreaElement>(null);
  const isTouch = useIsTouch();
  const all = useTurns();
  const [newKey, setNewKey] = useState<string | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [revision, setRevision] = useState(0);
  const [model, setModel] = useModel();
  const problems = useProblems();
  const place = id === null ? "new" : String(id);

  const turns = all.filter((turn) =>
    id === null ? turn.key === newKey : turn.conversation === id,
  );
  const running = turns.at(-1);
  const known = new Set(chats.map((chat) => chat.id));
  const pending = turns.find((turn) => turn.chat === null || !known.has(turn.chat));
  const path = useMemo(() => pathOf(chats, choices), [chats, choices]);
  const steps = pending
    ? path.slice(0, path.findIndex((step) => step.chat.id === pending.parent) + 1)
    : path;

  const arrived = newKey === null ? undefined : conversationOf(newKey);
  useArrival(id, arrived, () => setNewKey(null));
  usePrefill(place, () => setRevision((count) => count + 1), field);
  useResume(chats);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation begins afresh
  useEffect(() => setRefusal(null), [place]);

  const put = (text: string, parent: number | null) => {
    setRefusal(null);
    const body = {
      content: text,
      ...(id === null ? {} : { conversation: id, parent }),
      ...(model ? { model } : {}),
    };
    const key = ask(body, (refused) => {
      putBack(place, text);
      setRevision((count) => count + 1);
      setRefusal(isSpent(refused) ? null : refused);
      if (!isTouch) field.current?.focus();
    });
    if (id === null) setNewKey(key);
  };

  return {
    field,
    place,
    revision,
    steps,
    pending,
    turns,
    running,
    arriving: id === null && arrived !== undefined,
    problems,
    refusal,
    model,
    setModel,
    send: (text: string) => put(text, path.at(-1)?.chat.id ?? null),
    resend: (chat: Chat, text: string) => {
      // The newest version is what one wants to see, whatever was chosen before.
      setChoices(({ [chat.parent ?? ""]: _, ...others }) => others);
      put(text, chat.parent);
    },
    again: (chat: Chat) => {
      setRefusal(null);
      regenerate(chat, model ? { model } : {}, (refused) => {
        setRefusal(isSpent(refused) ? null : refused);
        queryClient.invalidateQueries({ queryKey: ["conversation", chat.conversation] });
      });
    },
    choose: (above: string, chosen: number) =>
      setChoices((before) => ({ ...before, [above]: chosen })),
    stop: () => {
      if (running) stop(running.key);
      if (!isTouch) field.current?.focus();
    },
    propose: (text: string) => {
      keepDraft(place, text);
      setRevision((count) => count + 1);
      field.current?.focus();
    },
  };
}

/** A spent allowance has its own place on the page, with the time at which it ends. */
function isSpent(refusal: Refusal): boolean {
  return refusal.code === "quota_exhausted";
}

/** Once the first answer of a new conversation has begun, the address becomes the conversation's. */
function useArrival(
  id: number | null,
  conversation: number | undefined,
  onArrived: () => void,
): void {
  const navigate = useNavigate();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it happens once, when the number comes
  useEffect(() => {
    if (id !== null || conversation === undefined) return;
    moveDraft("new", String(conversation));
    navigate({ to: "/c/$id", params: { id: String(conversation) }, replace: true }).then(onArrived);
  }, [id, conversation]);
}

/** A question that came with the address goes into the field, to be sent or changed. */
function usePrefill(
  place: string,
  onPrefilled: () => void,
  field: { current: HTMLTextAreaElement | null },
): void {
  const navigate = useNavigate();
  const { ask: asked } = useSearch({ strict: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what the address asks matters
  useEffect(() => {
    if (!asked) return;
    keepDraft(place, asked);
    onPrefilled();
    navigate({ to: "/", search: {}, replace: true });
    field.current?.focus();
  }, [asked]);
}

/** Answers that were being written when this page was opened are read on. */
function useResume(chats: readonly Chat[]): void {
  useEffect(() => {
    for (const chat of chats) {
      if (chat.chat_reply?.status === "streaming") resume(chat);
    }
  }, [chats]);
}

/** What the server said of answers that failed while this page looked on, by their chat. */
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
