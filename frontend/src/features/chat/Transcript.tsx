import { ArrowDown } from "lucide-react";
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Answer } from "./Answer";
import { type ConversationWithChats, loadEarlier } from "./api";
import type { Step } from "./branches";
import { Question } from "./Question";
import { chatKey, exchangeKey, type Turn } from "./turns";
import { useScrolling } from "./useScrolling";

interface TranscriptProps {
  heading: RefObject<HTMLHeadingElement | null>;
  title: string;
  conversation: ConversationWithChats | undefined;
  steps: readonly Step[];
  /** A turn whose chat is not in the conversation yet. */
  pending: Turn | undefined;
  turns: readonly Turn[];
  problems: ReadonlyMap<number, string>;
  onChoose: (above: string, chat: number) => void;
  onResend: ((chat: Chat, text: string) => void) | undefined;
  onRegenerate: ((chat: Chat) => void) | undefined;
}

export function Transcript(props: TranscriptProps) {
  const { heading, title, conversation, steps, pending, turns, problems } = props;
  const { t } = useTranslation();
  const running = turns.at(-1);
  const { scroller, end, anchor, isFar, toEnd } = useScrolling(
    conversation?.id,
    running && exchangeKey(running),
  );
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        className="h-full overflow-y-auto overscroll-contain [container-type:size]"
      >
        <section
          aria-label={t("chat.transcript")}
          className="mx-auto flex w-full max-w-[768px] flex-col gap-8 px-4 pt-4 pb-6"
        >
          <h1
            ref={heading}
            tabIndex={-1}
            className="sr-only min-[900px]:not-sr-only min-[900px]:block min-[900px]:truncate min-[900px]:text-sm min-[900px]:text-mute"
          >
            {title}
          </h1>
          {conversation && conversation.chats.length < conversation.chat_count && (
            <Earlier conversation={conversation} />
          )}
          {[...steps, ...(pending ? [pending] : [])].map((one, at) => {
            const step = "versions" in one ? one : undefined;
            const turn = "versions" in one ? turnOf(one, running) : one;
            const key = step ? chatKey(step.chat.id) : exchangeKey(one as Turn);
            const isLast = at === steps.length - (pending ? 0 : 1);
            return (
              <Exchange key={key} name={key} isAnchored={key === anchor && isLast}>
                {step ? (
                  <StepQuestion
                    step={step}
                    above={at === 0 ? "" : String(steps[at - 1]?.chat.id)}
                    onChoose={props.onChoose}
                    onResend={props.onResend}
                  />
                ) : (
                  <Question text={turn?.question ?? ""} />
                )}
                <Answer
                  chat={step?.chat}
                  turn={turn}
                  problem={step && problems.get(step.chat.id)}
                  onRegenerate={
                    step && props.onRegenerate && (() => props.onRegenerate?.(step.chat))
                  }
                />
              </Exchange>
            );
          })}
          <div ref={end} className="-mt-8" />
        </section>
      </div>
      {isFar && (
        <IconButton
          label={t("chat.toEnd")}
          onClick={toEnd}
          className="absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full border border-line bg-raised shadow-float"
        >
          <ArrowDown aria-hidden="true" size={20} />
        </IconButton>
      )}
    </div>
  );
}

function turnOf(step: Step, running: Turn | undefined): Turn | undefined {
  return running?.chat === step.chat.id ? running : undefined;
}

interface ExchangeProps {
  name: string;
  /** A new question is at the top of the screen, with space below it for its answer. */
  isAnchored: boolean;
  children: React.ReactNode;
}

function Exchange({ name, isAnchored, children }: ExchangeProps) {
  return (
    <div
      data-exchange={name}
      className={cx("flex scroll-mt-4 flex-col gap-4", isAnchored && "min-h-[calc(100cqh-40px)]")}
    >
      {children}
    </div>
  );
}

interface StepQuestionProps {
  step: Step;
  above: string;
  onChoose: (above: string, chat: number) => void;
  onResend: ((chat: Chat, text: string) => void) | undefined;
}

function StepQuestion({ step, above, onChoose, onResend }: StepQuestionProps) {
  const { chat, versions } = step;
  return (
    <Question
      text={chat.content}
      versions={{
        index: versions.indexOf(chat.id),
        count: versions.length,
        onGo: (index) => {
          const chosen = versions[index];
          if (chosen !== undefined) onChoose(above, chosen);
        },
      }}
      onResend={onResend && ((text) => onResend(chat, text))}
    />
  );
}

function Earlier({ conversation }: { conversation: ConversationWithChats }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    await loadEarlier(conversation).catch(() => {});
    setBusy(false);
  };
  return (
    <Button className="self-center" busy={busy} onClick={load}>
      {t("chat.earlier")}
    </Button>
  );
}
