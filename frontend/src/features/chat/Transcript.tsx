import { ArrowDown } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Answer } from "./Answer";
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
            const key = step ? stableKey(step.chat.id) : nameOf(one as Turn);
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
                  onRegenerate={step && bound(props.onRegenerate, step.chat)}
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
