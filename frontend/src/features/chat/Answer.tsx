import { useQuery } from "@tanstack/react-query";
import { OctagonPause, RotateCcw } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Chat, Reply } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { toast } from "@/ui/notices";
import { Alert } from "@/ui/states";
import { repliesQuery, showReply } from "./api";
import { Branches } from "./Branches";
import { CopyButton } from "./CopyButton";
import { type Turn, useTurnText } from "./turns";

const loadMarkdown = () => import("./Markdown");
const Markdown = lazy(loadMarkdown);

/** Brings what renders answers, before there is one. */
export function expectAnswers(): void {
  loadMarkdown().catch(() => {}); // asked for again when it is needed
}

interface AnswerProps {
  /** Missing while the question is on its way. */
  chat: Chat | undefined;
  /** Given while the answer is being written. */
  turn: Turn | undefined;
  /** What the server said when this answer failed before our eyes. */
  problem: string | undefined;
  onRegenerate: (() => void) | undefined;
}

/** An answer, from its first word to its last and after. It is one component for all of that: what
 * was rendered while it grew is not rendered again at its end.
 */
export function Answer({ chat, turn, problem, onRegenerate }: AnswerProps) {
  const { t } = useTranslation();
  const live = useTurnText(turn?.key ?? "");
  const replies = useReplies(chat);
  const reply = replies.shown;
  const text = turn ? live : (reply?.content ?? "");
  return (
    <article
      aria-label={t("chat.answer")}
      aria-busy={turn !== undefined}
      className="flex flex-col gap-2"
    >
      {text && (
        <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
          <Markdown
            text={text}
            growing={turn !== undefined}
            citations={turn ? undefined : reply?.citations}
          />
        </Suspense>
      )}
      {turn && <Progress turn={turn} hasText={text !== ""} />}
      {!turn && reply && (
        <>
          <Ending reply={reply} problem={problem} onRegenerate={onRegenerate} />
          <div className="-ms-2 flex min-h-8 flex-wrap items-center">
            <Branches index={replies.index} count={replies.all.length} onGo={replies.choose} />
            {text && <CopyButton label={t("chat.copy")} text={() => text} />}
            {onRegenerate && (
              <IconButton small label={t("chat.regenerate")} onClick={onRegenerate}>
                <RotateCcw aria-hidden="true" size={16} />
              </IconButton>
            )}
            {reply.model && (
              <span className="ms-2 text-xs text-mute">
                {t("chat.answeredBy", { model: reply.model })}
              </span>
            )}
          </div>
        </>
      )}
    </article>
  );
}

function Progress({ turn, hasText }: { turn: Turn; hasText: boolean }) {
  const { t } = useTranslation();
  if (turn.reconnecting) return <p className="text-sm text-mute">{t("chat.reconnecting")}</p>;
  if (hasText) return null;
  return (
    <p className="flex items-center gap-2 text-mute">
      <span aria-hidden="true" className="size-2 animate-blink rounded-full bg-accent" />
      {t("chat.waiting")}
    </p>
  );
}

/** The first answer is begun together with its question; what comes later was asked for. */
const SAME_MOMENT_MS = 50;

/** All answers to a question, and which of them is shown. */
function useReplies(chat: Chat | undefined) {
  const { t } = useTranslation();
  const shown = chat?.chat_reply ?? null;
  const hasSeveral =
    chat !== undefined &&
    Date.parse(chat.updated_at) - Date.parse(chat.created_at) > SAME_MOMENT_MS;
  const { data: known = [] } = useQuery({ ...repliesQuery(chat?.id ?? 0), enabled: hasSeveral });
  const isKnown = known.some(({ id }) => id === shown?.id);
  const all = isKnown ? known : shown ? [shown] : [];
  const choose = (index: number) => {
    const reply = all[index];
    if (chat && reply) showReply(chat, reply).catch(() => toast(t("chat.notChosen")));
  };
  return { all, index: all.findIndex(({ id }) => id === shown?.id), shown, choose };
}

interface EndingProps {
  reply: Reply;
  problem: string | undefined;
  onRegenerate: (() => void) | undefined;
}

/** How it ended, where that was not simply the end. */
function Ending({ reply, problem, onRegenerate }: EndingProps) {
  const { t } = useTranslation();
  if (reply.status === "stopped") {
    return (
      <p className="flex items-center gap-2 text-sm text-mute">
        <OctagonPause aria-hidden="true" size={16} />
        {t("chat.stopped")}
      </p>
    );
  }
  if (reply.status !== "failed" && reply.status !== "interrupted") return null;
  const text = t(reply.status === "failed" ? "chat.failed" : "chat.interrupted");
  return (
    <Alert>
      {reply.content && <p>{t("chat.partial")}</p>}
      <p>{text}</p>
      {problem && <p>{problem}</p>}
      {onRegenerate && (
        <Button className="mt-2" onClick={onRegenerate}>
          {t("app.retry")}
        </Button>
      )}
    </Alert>
  );
}
