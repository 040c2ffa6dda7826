import { useQuery } from "@tanstack/react-query";
import { OctagonPause, RotateCcw } from "lucide-react";
import { Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat, Reply } from "@/api/client";
import { Button } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { useModelName } from "@/ui/modelName";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Answered } from "./answered";
import { repliesQuery, showReply } from "./api";
import { useDroppedWords } from "./droppedWords";
import { FollowUps } from "./FollowUps";
import { markdownNow } from "./loadMarkdown";
import { PaidButton } from "./PaidButton";
import { Reasoning } from "./Reasoning";
import { useThought } from "./thoughts";
import { type Turn, useTurnText } from "./turnStore";
import { useCost } from "./useCost";
import { VersionSwitcher } from "./VersionSwitcher";

/** So many characters are shown until that code is there. */
const AT_FIRST = 2000;

interface AnswerProps {
  /** Missing until the server has stored the question. */
  chat: Chat | undefined;
  /** Set while the answer is being written. */
  turn: Turn | undefined;
  /** The server's text if the answer failed while the page was open. */
  problem: string | undefined;
  /** Whether the reader begins at its end. */
  fromEnd?: boolean;
  onRegenerate: (() => void) | undefined;
  /** Missing where a question has followed it, too. */
  onContinue: (() => void) | undefined;
  /** Missing where it is not the newest answer. */
  onFollowUp: ((text: string) => void) | undefined;
}

/** An answer, while it is being written and afterwards. One component does both, so that the text
 * is not rendered again at its end.
 */
export function Answer(props: AnswerProps) {
  const { chat, turn, problem, fromEnd = false, onRegenerate, onContinue, onFollowUp } = props;
  const { t } = useTranslation();
  const [Markdown] = useState(markdownNow);
  const live = useTurnText(turn?.key ?? "");
  const nameOf = useModelName();
  const replies = useReplies(chat);
  const reply = replies.shown;
  const text = turn ? live : (reply?.content ?? "");
  const thought = useThought(turn ? (turn.stream ?? "") : (reply?.stream_id ?? ""));
  const chatId = chat?.id;
  const replyId = reply?.id;
  const answered = useMemo(
    () => (chatId && replyId ? { chat: chatId, reply: replyId } : undefined),
    [chatId, replyId],
  );
  return (
    <article
      aria-label={t("chat.answer")}
      aria-busy={turn !== undefined}
      className="flex flex-col gap-2"
    >
      {thought && <Reasoning thought={thought} />}
      {text && (
        <Suspense fallback={<p className="whitespace-pre-wrap">{text.slice(0, AT_FIRST)}</p>}>
          <Answered value={answered}>
            <Markdown
              key={replies.choice}
              text={text}
              growing={turn !== undefined}
              fromEnd={fromEnd}
              citations={turn ? undefined : reply?.citations}
            />
          </Answered>
        </Suspense>
      )}
      {turn && (
        <Progress turn={turn} isVisible={text.length > turn.begun || thought !== undefined} />
      )}
      {!turn && reply && (
        <>
          <Ending reply={reply} problem={problem} onRegenerate={onRegenerate} />
          {reply.answered_from && (
            <AnsweredBefore reply={reply} from={reply.answered_from} onAskAgain={onRegenerate} />
          )}
          <Continuation reply={reply} problem={problem} onContinue={onContinue} />
          <Unjudged reply={reply} />
          <div className="-ms-2 flex min-h-8 flex-wrap items-center">
            <VersionSwitcher
              index={replies.index}
              count={replies.all.length}
              onGo={replies.choose}
            />
            {text && <CopyButton label={t("chat.copy")} text={() => text} />}
            {onRegenerate && !reply.answered_from && (
              <PaidButton label={t("chat.regenerate")} onClick={onRegenerate}>
                <RotateCcw aria-hidden="true" size={16} />
              </PaidButton>
            )}
            {reply.model && (
              <span className="ms-2 text-xs text-mute">
                {t("chat.answeredBy", { model: nameOf(reply.model) })}
                {reply.server && ` · ${reply.server}`}
              </span>
            )}
          </div>
          {onFollowUp && <FollowUps questions={reply.follow_ups ?? []} onChoose={onFollowUp} />}
        </>
      )}
    </article>
  );
}

/** `isVisible`: something shows already that the answer is being written. */
function Progress({ turn, isVisible }: { turn: Turn; isVisible: boolean }) {
  const { t } = useTranslation();
  if (turn.reconnecting) return <p className="text-sm text-mute">{t("chat.reconnecting")}</p>;
  if (isVisible) return null;
  return (
    <p className="flex items-center gap-2 text-mute">
      <span aria-hidden="true" className="size-2 animate-blink rounded-full bg-accent" />
      {t(turn.begun ? "chat.continuing" : "chat.waiting")}
    </p>
  );
}

/** The server creates a question and its first answer within this time; `updated_at` is later only
 * if there is another answer.
 */
const FIRST_ANSWER_MS = 50;

/** All answers to a question, which one is shown, and how to choose another. `choice` counts those
 * that were chosen.
 */
function useReplies(chat: Chat | undefined) {
  const { t } = useTranslation();
  const shown = chat?.chat_reply ?? null;
  const hasSeveral =
    chat !== undefined &&
    Date.parse(chat.updated_at) - Date.parse(chat.created_at) > FIRST_ANSWER_MS;
  const { data: known = [] } = useQuery({ ...repliesQuery(chat?.id ?? 0), enabled: hasSeveral });
  const isKnown = known.some(({ id }) => id === shown?.id);
  const all = isKnown ? known : shown ? [shown] : [];
  const [choice, setChoice] = useState(0);
  const choose = (index: number) => {
    const reply = all[index];
    if (!chat || !reply) return;
    setChoice(choice + 1);
    showReply(chat, reply).catch(() => toast(t("chat.notChosen")));
  };
  const index = all.findIndex(({ id }) => id === shown?.id);
  return { all, index, shown, choose, choice };
}

/** Says that quotations were not compared with the board, so that a missing chip is no verdict. */
function Unjudged({ reply }: { reply: Reply }) {
  const { t } = useTranslation();
  const isFinished = ["done", "stopped", "imported"].includes(reply.status);
  if (!isFinished || reply.judged === "all") return null;
  const text = t(reply.judged === "part" ? "chat.judgedInPart" : "chat.notJudged");
  return <p className="text-sm text-mute">{text}</p>;
}

const FILTERED = "upstream_content_filter";

interface EndingProps {
  reply: Reply;
  problem: string | undefined;
  onRegenerate: (() => void) | undefined;
}

/** How the answer ended, unless it is complete, and whether it was charged: a content filter or an
 * answer of nothing costs as much as any other.
 */
function Ending({ reply, problem, onRegenerate }: EndingProps) {
  const { t } = useTranslation();
  const cost = useCost();
  const charged = t(reply.charged ? "chat.charged" : "chat.notCharged");
  if (reply.status === "stopped" || reply.cut_off === "length") {
    return (
      <p className="flex items-center gap-2 text-sm text-mute">
        <OctagonPause aria-hidden="true" size={16} className="shrink-0" />
        <span>
          {t(reply.status === "stopped" ? "chat.stopped" : "chat.cutOff")} {charged}
        </span>
      </p>
    );
  }
  if (reply.status === "done" && !reply.charged && !reply.answered_from) {
    return <p className="text-sm text-mute">{charged}</p>;
  }
  if (reply.status !== "failed" && reply.status !== "interrupted") return null;
  return (
    <Alert>
      <p>
        {t(failureOf(reply))} {charged}
      </p>
      {problem && reply.error_code !== FILTERED && <p>{problem}</p>}
      {onRegenerate && (
        <p className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1">
          <Button disabled={cost.isSpent} onClick={onRegenerate}>
            {t("app.retry")}
          </Button>
          <span>{cost.text}</span>
        </p>
      )}
    </Alert>
  );
}

interface AnsweredBeforeProps {
  reply: Reply;
  from: NonNullable<Reply["answered_from"]>;
  onAskAgain: (() => void) | undefined;
}

/** Says that the answer was written before, and offers to ask the model, which costs a question. */
function AnsweredBefore({ reply, from, onAskAgain }: AnsweredBeforeProps) {
  const { t, i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long", timeStyle: "short" });
  const date = format.format(new Date(from.answered_at));
  const charged = t(reply.charged ? "chat.charged" : "chat.notCharged");
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-mute">
      <span>
        {t(from.alike ? "chat.answeredAlike" : "chat.answeredBefore", { date })} {charged}
      </span>
      {onAskAgain && (
        <span className="flex flex-wrap items-center print:hidden">
          <PaidButton label={t("chat.askAgain")} shows onClick={onAskAgain}>
            <RotateCcw aria-hidden="true" size={16} />
          </PaidButton>
        </span>
      )}
    </p>
  );
}

interface ContinuationProps {
  reply: Reply;
  problem: string | undefined;
  onContinue: (() => void) | undefined;
}

/** Offers to have an answer continued that was cut off at its limit, and tells how that failed. */
function Continuation({ reply, problem, onContinue }: ContinuationProps) {
  const { t } = useTranslation();
  const cost = useCost();
  const dropped = useDroppedWords(reply.stream_id);
  const { continuation } = reply;
  if (!continuation) return null;
  const { available, units, charged, error_code } = continuation;
  const isPaid = units > 0;
  return (
    <>
      {error_code && (
        <Alert>
          <p>
            {t("chat.notContinued")} {t(charged ? "chat.charged" : "chat.notCharged")}
          </p>
          {problem && <p>{problem}</p>}
          {dropped && <Dropped words={dropped} />}
        </Alert>
      )}
      {available && onContinue && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-mute print:hidden">
          <Button
            disabled={isPaid && cost.isSpent}
            onClick={({ currentTarget }) => {
              // The button goes; the focus stays in its exchange.
              currentTarget.closest<HTMLElement>("[data-exchange]")?.focus({ preventScroll: true });
              onContinue();
            }}
          >
            {t("chat.continue")}
          </Button>
          <span>{isPaid ? cost.text : t("chat.costsNothing")}</span>
        </p>
      )}
    </>
  );
}

/** What a failed continuation had added: no part of the answer, but the reader has seen it. */
function Dropped({ words }: { words: string }) {
  const { t } = useTranslation();
  return (
    <details className="mt-2 print:hidden">
      <summary className="min-h-8 content-center pointer-coarse:min-h-11">
        {t("chat.dropped")}
      </summary>
      <p
        dir="auto"
        className="mt-1 max-h-[40dvh] overflow-y-auto border-s-2 border-line ps-3 whitespace-pre-wrap wrap-anywhere text-mute"
      >
        {words}
      </p>
    </details>
  );
}

function failureOf({ status, content, error_code, cut_off }: Reply) {
  if (status === "interrupted") return "chat.interrupted";
  if (cut_off === "content_filter") return "chat.filteredHere";
  if (error_code === FILTERED) return "chat.filtered";
  return content ? "chat.partial" : "chat.failed";
}
