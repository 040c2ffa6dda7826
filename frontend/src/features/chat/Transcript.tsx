import { ArrowDown } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { LiveAnswer, StoredAnswer } from "./Answer";
import { type ConversationWithChats, loadEarlier } from "./api";
import type { Step } from "./path";
import { Question } from "./Question";
import { nameOf, stableKey, type Turn } from "./turns";

interface TranscriptProps {
  heading: RefObject<HTMLHeadingElement | null>;
  title: string;
  conversation: ConversationWithChats | undefined;
  steps: readonly Step[];
  /** A question that the server has not stored yet. */
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
    running && nameOf(running),
  );
  const anchored = anchor ?? "";
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
          {steps.map((step, at) => {
            const key = stableKey(step.chat.id);
            return (
              <Exchange
                key={key}
                name={key}
                isAnchored={key === anchored && at === steps.length - 1}
              >
                <StepQuestion
                  step={step}
                  above={at === 0 ? "" : String(steps[at - 1]?.chat.id)}
                  onChoose={props.onChoose}
                  onResend={props.onResend}
                />
                {running && running.chat === step.chat.id ? (
                  <LiveAnswer turn={running} />
                ) : (
                  <StoredAnswer
                    chat={step.chat}
                    problem={problems.get(step.chat.id)}
                    onRegenerate={bound(props.onRegenerate, step.chat)}
                  />
                )}
              </Exchange>
            );
          })}
          {pending && (
            <Exchange key={pending.key} name={pending.key} isAnchored>
              <Question text={pending.question} />
              <LiveAnswer turn={pending} />
            </Exchange>
          )}
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

function bound(action: ((chat: Chat) => void) | undefined, chat: Chat): (() => void) | undefined {
  return action && (() => action(chat));
}

interface ExchangeProps {
  name: string;
  /** A question just asked stands at the top, with room below it for the answer to grow into. */
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

const FAR = 200;
const NEAR = 60;

/** Opens a conversation at its end, brings a new question to the top, and never moves after that. */
function useScrolling(conversation: number | undefined, running: string | undefined) {
  const scroller = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const [anchor, setAnchor] = useState<string | null>(running ?? null);
  const [isFar, setFar] = useState(false);

  if (running && running !== anchor) setAnchor(running);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another conversation opens anew
  useLayoutEffect(() => {
    if (!running) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [conversation]);

  useEffect(() => {
    if (!running) return;
    const question = scroller.current?.querySelector(`[data-exchange="${running}"]`);
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    question?.scrollIntoView({ block: "start", behavior });
  }, [running]);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    let frame = 0;
    const measure = () => {
      frame = 0;
      const below =
        (end.current?.getBoundingClientRect().top ?? 0) - box.getBoundingClientRect().bottom;
      setFar((before) => below > (before ? NEAR : FAR));
    };
    const soon = () => {
      frame ||= requestAnimationFrame(measure);
    };
    box.addEventListener("scroll", soon, { passive: true });
    const observer = new ResizeObserver(soon);
    observer.observe(box);
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    return () => {
      box.removeEventListener("scroll", soon);
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, []);

  const toEnd = () =>
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "smooth" });
  return { scroller, end, anchor, isFar, toEnd };
}
