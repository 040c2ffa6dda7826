import { useQuery } from "@tanstack/react-query";
import { OctagonPause, RotateCcw } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Chat, Reply } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { repliesQuery, showReply } from "./api";
import { type Turn, useTurnText } from "./turns";
import { VersionSwitcher } from "./VersionSwitcher";

const loadMarkdown = () => import("./Markdown");
const Markdown = lazy(loadMarkdown);

/** Loads the code that renders answers, before there is one. */
export function preloadMarkdown(): void {
  loadMarkdown().catch(() => {}); // asked for again when it is needed
}

interface AnswerProps {
  /** Missing until the server has stored the question. */
  chat: Chat | undefined;
  /** Set while the answer is being written. */
  turn: Turn | undefined;
  /** The server's text if the answer failed while the page was open. */
  problem: string | undefined;
  onRegenerate: (() => void) | undefined;
}

/** An answer, while it is being written and afterwards. One component does both, so that the text
 * is not rendered again at its end.
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
          <Unjudged reply={reply} />
          <div className="-ms-2 flex min-h-8 flex-wrap items-center">
            <VersionSwitcher
              index={replies.index}
              count={replies.all.length}
              onGo={replies.choose}
            />
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

/** The server creates a question and its first answer within this time; `updated_at` is later only
 * if there is another answer.
 */
const FIRST_ANSWER_MS = 50;

/** All answers to a question, which one is shown, and how to choose another. */
function useReplies(chat: Chat | undefined) {
  const { t } = useTranslation();
  const shown = chat?.chat_reply ?? null;
  const hasSeveral =
    chat !== undefined &&
    Date.parse(chat.updated_at) - Date.parse(chat.created_at) > FIRST_ANSWER_MS;
  const { data: known = [] } = useQuery({ ...repliesQuery(chat?.id ?? 0), enabled: hasSeveral });
  const isKnown = known.some(({ id }) => id === shown?.id);
  const all = isKnown ? known : shown ? [shown] : [];
  const choose = (index: number) => {
    const reply = all[index];
    if (chat && reply) showReply(chat, reply).catch(() => toast(t("chat.notChosen")));
  };
  return { all, index: all.findIndex(({ id }) => id === shown?.id), shown, choose };
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
  const charged = t(reply.charged ? "chat.charged" : "chat.notCharged");
  if (reply.status === "stopped" || isCutOff(reply)) {
    return (
      <p className="flex items-center gap-2 text-sm text-mute">
        <OctagonPause aria-hidden="true" size={16} className="shrink-0" />
        <span>
          {t(reply.status === "stopped" ? "chat.stopped" : "chat.cutOff")} {charged}
        </span>
      </p>
    );
  }
  if (reply.status !== "failed" && reply.status !== "interrupted") return null;
  return (
    <Alert>
      <p>
        {t(failureOf(reply))} {charged}
      </p>
      {problem && reply.error_code !== FILTERED && <p>{problem}</p>}
      {onRegenerate && (
        <Button className="mt-2" onClick={onRegenerate}>
          {t("app.retry")}
        </Button>
      )}
    </Alert>
  );
}

function isCutOff({ status, finish_reason }: Reply): boolean {
  return status === "done" && finish_reason === "length";
}

function failureOf({ status, content, error_code }: Reply) {
  if (status === "interrupted") return "chat.interrupted";
  if (error_code === FILTERED) return "chat.filtered";
  return content ? "chat.partial" : "chat.failed";
}
