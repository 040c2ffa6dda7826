import { useQuery } from "@tanstack/react-query";
import { OctagonPause, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat, Reply } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { Alert } from "@/ui/states";
import { repliesQuery } from "./api";
import { Branches } from "./Branches";
import { CopyButton } from "./CopyButton";
import { Markdown } from "./Markdown";
import { type Turn, useTurnText } from "./turns";

/** An answer that is being written. */
export function LiveAnswer({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  const text = useTurnText(turn.key);
  return (
    <article aria-label={t("chat.answer")} aria-busy="true" className="flex flex-col gap-2">
      {text ? (
        <Markdown text={text} growing />
      ) : (
        <p className="flex items-center gap-2 text-mute">
          <span aria-hidden="true" className="size-2 animate-blink rounded-full bg-accent" />
          {t("chat.waiting")}
        </p>
      )}
      {turn.reconnecting && <p className="text-sm text-mute">{t("chat.reconnecting")}</p>}
    </article>
  );
}

interface StoredAnswerProps {
  chat: Chat;
  /** What the server said when this answer failed before our eyes. */
  problem: string | undefined;
  onRegenerate: (() => void) | undefined;
}

/** The first answer is stored together with its question; a later one was asked for. */
const SAME_MOMENT_MS = 50;

export function StoredAnswer({ chat, problem, onRegenerate }: StoredAnswerProps) {
  const { t } = useTranslation();
  const newest = chat.chat_reply;
  const isSecond =
    newest !== null && Date.parse(newest.created_at) - Date.parse(chat.created_at) > SAME_MOMENT_MS;
  const { data: replies = [] } = useQuery({ ...repliesQuery(chat.id), enabled: isSecond });
  const [chosen, setChosen] = useState<number | null>(null);
  const all = replies.some(({ id }) => id === newest?.id) ? replies : newest ? [newest] : [];
  const at = all.findIndex(({ id }) => id === chosen);
  const index = at < 0 ? all.length - 1 : at;
  const reply = all[index];
  if (!reply) return null;
  return (
    <article aria-label={t("chat.answer")} aria-busy="false" className="flex flex-col gap-2">
      {reply.content && <Markdown text={reply.content} citations={reply.citations} />}
      <Ending reply={reply} problem={problem} onRegenerate={onRegenerate} />
      <div className="-ms-2 flex min-h-8 flex-wrap items-center">
        <Branches
          index={index}
          count={all.length}
          onGo={(next) => setChosen(all[next]?.id ?? null)}
        />
        {reply.content && <CopyButton label={t("chat.copy")} text={() => reply.content} />}
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
    </article>
  );
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
