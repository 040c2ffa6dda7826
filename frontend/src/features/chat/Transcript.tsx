import { useLocation } from "@tanstack/react-router";
import { ArrowDown } from "lucide-react";
import { memo, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chat } from "@/api/client";
import { Button, IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Answer } from "./Answer";
import { type ConversationWithChats, loadEarlier } from "./api";
import type { Step } from "./branches";
import { Question } from "./Question";
import { chatKey, exchangeKey, type Turn } from "./turnStore";
import { useCopyKey } from "./useCopyKey";
import { useGradually } from "./useGradually";
import { usePrinting } from "./usePrinting";
import { useScrolling } from "./useScrolling";
import { useTabStops } from "./useTabStops";

interface TranscriptProps {
  heading: RefObject<HTMLHeadingElement | null>;
  title: string;
  conversation: ConversationWithChats | undefined;
  steps: readonly Step[];
  /** The id of the chat that a search has found. */
  found: number | undefined;
  /** A turn whose chat is not in the conversation yet. */
  pending: Turn | undefined;
  turns: readonly Turn[];
  problems: ReadonlyMap<number, string>;
  onChoose: (above: string, chat: number) => void;
  onResend: ((chat: Chat, text: string) => void) | undefined;
  onRegenerate: ((chat: Chat) => void) | undefined;
  onContinue: ((chat: Chat) => void) | undefined;
  onSuggest: (text: string) => void;
}

export function Transcript(props: TranscriptProps) {
  const { heading, title, conversation, found, pending, turns, problems } = props;
  const { t } = useTranslation();
  const steps = useNewestFirst(props.steps, conversation?.id);
  const actions = useActions(props);
  const aboveOf = (at: number) => (at > 0 ? String(props.steps[at - 1]?.chat.id) : "");
  const running = turns.at(-1);
  const first = steps[0];
  const isLoaded = steps.some(({ chat }) => chat.id === found);
  const words = useLocation({ select: ({ state }) => state.words ?? "" });
  const { scroller, end, anchor, isFar, isReady, toEnd, hold } = useScrolling({
    conversation: conversation?.id,
    // Who has an answer continued is at its end already.
    running: running && running.begun === 0 ? exchangeKey(running) : undefined,
    found: found === undefined ? undefined : isLoaded ? chatKey(found) : "",
    words,
    first: first && chatKey(first.chat.id),
  });
  const section = useRef<HTMLElement>(null);
  const [isHinted, setHinted] = useState(false);
  useTabStops(section);
  usePrinting(conversation);
  useCopyKey(props.steps);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        data-transcript
        className="h-full overflow-y-auto overscroll-contain [container-type:size] print:h-auto print:overflow-visible print:[container-type:normal]"
      >
        <section
          ref={section}
          aria-label={t("chat.transcript")}
          onFocus={({ target }) => setHinted(target.matches("[data-exchange]:focus-visible"))}
          onBlur={() => setHinted(false)}
          // What is rendered first would move until earlier exchanges above it fill the screen.
          className={cx(
            "mx-auto flex w-full max-w-[768px] flex-col gap-8 px-4 pt-4 pb-6",
            !isReady && "opacity-0 print:opacity-100",
          )}
        >
          <h1
            ref={heading}
            tabIndex={-1}
            dir="auto"
            className="sr-only min-[900px]:not-sr-only min-[900px]:block min-[900px]:truncate min-[900px]:text-sm min-[900px]:text-mute print:not-sr-only print:text-lg"
          >
            {title}
          </h1>
          {conversation && conversation.chats.length < conversation.chat_count && (
            <Earlier conversation={conversation} hold={hold} />
          )}
          {[...steps, ...(pending ? [pending] : [])].map((one, at) => {
            const step = "versions" in one ? one : undefined;
            const turn = "versions" in one ? turnOf(one, running) : one;
            const key = step ? chatKey(step.chat.id) : exchangeKey(one as Turn);
            const after = steps.length + (pending ? 1 : 0) - 1 - at;
            const isLast = after === 0;
            const isFound = step !== undefined && step.chat.id === found;
            return (
              <Exchange
                key={key}
                name={key}
                step={step}
                turn={turn}
                problem={step && problems.get(step.chat.id)}
                above={step ? aboveOf(at + props.steps.length - steps.length) : ""}
                isAnchored={key === anchor && isLast}
                isFound={isFound}
                isNear={isFound || after < NEAR}
                words={step?.chat.id === found ? words : ""}
                actions={actions}
                may={
                  (props.onResend ? RESEND : 0) +
                  (props.onRegenerate ? REGENERATE : 0) +
                  (props.onContinue && isLast ? CONTINUE : 0) +
                  (isLast ? FOLLOW_UP : 0)
                }
              />
            );
          })}
          <div ref={end} className="-mt-8" />
        </section>
      </div>
      <p
        id={HINT}
        // Not by `:has()`: the browser would style all exchanges again whenever one of them changes.
        className={cx(
          "absolute end-4 bottom-2 rounded-md border border-line bg-raised px-3 py-1 text-xs text-mute shadow-float",
          !isHinted && "hidden",
        )}
      >
        {t("chat.enterHint")}
      </p>
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

const EXCHANGES_AT_ONCE = 1;
/** So many at the end are laid out in any case, though not all of their blocks. What moves within a
 * contained exchange counts as a layout shift, also where the scroller moves back as far.
 */
const NEAR = 3;

/** The newest exchanges are rendered first, those before them in further tasks. */
function useNewestFirst(steps: readonly Step[], conversation: unknown): readonly Step[] {
  const count = useGradually(steps.length, EXCHANGES_AT_ONCE, conversation);
  return count < steps.length ? steps.slice(steps.length - count) : steps;
}

function turnOf(step: Step, running: Turn | undefined): Turn | undefined {
  return running?.chat === step.chat.id ? running : undefined;
}

const HINT = "exchange-hint";
/** A name is read aloud in full, each time. */
const LONGEST_NAME = 100;

/** What may be done with an exchange, as one number, so that equal values are equal. */
const [RESEND, REGENERATE, CONTINUE, FOLLOW_UP] = [1, 2, 4, 8];

interface ExchangeProps {
  name: string;
  /** Missing until the server has stored the question. */
  step: Step | undefined;
  turn: Turn | undefined;
  problem: string | undefined;
  /** The id of the chat above. */
  above: string;
  /** A new question is at the top of the screen, with space below it for its answer. */
  isAnchored: boolean;
  isFound: boolean;
  /** Whether it may be in sight while it is rendered. */
  isNear: boolean;
  words: string;
  actions: Actions;
  may: number;
}

/** A question with its answer. It is not rendered again when others are added. */
const Exchange = memo(function Exchange(props: ExchangeProps) {
  const { name, step, turn, isAnchored, isFound, isNear, actions, may } = props;
  const question = step?.chat.content ?? turn?.question ?? "";
  return (
    // biome-ignore-start lint/a11y/noNoninteractiveTabindex: the one tab stop, see `useTabStops`
    // biome-ignore-start lint/a11y/useSemanticElements: a fieldset is for fields
    <div
      data-exchange={name}
      role="group"
      aria-label={question.slice(0, LONGEST_NAME)}
      aria-describedby={HINT}
      aria-current={isFound || undefined}
      tabIndex={0}
      className={cx(
        "-mx-3 -my-2 flex scroll-mt-2 flex-col gap-4 rounded-md px-3 py-2 -outline-offset-2",
        isFound &&
          "relative before:absolute before:inset-y-2 before:start-0 before:w-1 before:rounded-full before:bg-accent",
        "[contain-intrinsic-size:auto_480px]",
        isAnchored && "min-h-[calc(100cqh-24px)] print:min-h-0",
        !isAnchored && !isNear && "rendered-in-sight",
      )}
    >
      {step ? (
        <StepQuestion
          step={step}
          words={props.words}
          above={props.above}
          onChoose={actions.choose}
          onResend={may & RESEND ? actions.resend : undefined}
        />
      ) : (
        <Question text={question} files={turn?.files} />
      )}
      <Answer
        chat={step?.chat}
        turn={turn}
        problem={props.problem}
        fromEnd={!isFound}
        onRegenerate={step && may & REGENERATE ? () => actions.regenerate(step.chat) : undefined}
        // One that a question has followed is not continued.
        onContinue={step && may & CONTINUE ? () => actions.goOn(step.chat) : undefined}
        onFollowUp={may & FOLLOW_UP ? actions.suggest : undefined}
      />
    </div>
    // biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above
    // biome-ignore-end lint/a11y/useSemanticElements: see above
  );
});

interface Actions {
  choose: (above: string, chat: number) => void;
  resend: (chat: Chat, text: string) => void;
  regenerate: (chat: Chat) => void;
  goOn: (chat: Chat) => void;
  suggest: (text: string) => void;
}

/** The same functions at each rendering, which call those of the last one. */
function useActions(props: TranscriptProps): Actions {
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const [actions] = useState<Actions>(() => ({
    choose: (above, chat) => latest.current.onChoose(above, chat),
    resend: (chat, text) => latest.current.onResend?.(chat, text),
    regenerate: (chat) => latest.current.onRegenerate?.(chat),
    goOn: (chat) => latest.current.onContinue?.(chat),
    suggest: (text) => latest.current.onSuggest(text),
  }));
  return actions;
}

interface StepQuestionProps {
  step: Step;
  words: string;
  above: string;
  onChoose: (above: string, chat: number) => void;
  onResend: ((chat: Chat, text: string) => void) | undefined;
}

function StepQuestion({ step, words, above, onChoose, onResend }: StepQuestionProps) {
  const { chat, versions } = step;
  return (
    <Question
      id={chat.id}
      text={chat.content}
      files={chat.attachments}
      words={words}
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

interface EarlierProps {
  conversation: ConversationWithChats;
  hold: () => () => void;
}

function Earlier({ conversation, hold }: EarlierProps) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    const release = hold();
    await loadEarlier(conversation).catch(release);
    setBusy(false);
  };
  return (
    <>
      <p className="hidden text-sm text-mute print:block">{t("chat.earlierNotPrinted")}</p>
      <Button className="self-center" busy={busy} onClick={load}>
        {t("chat.earlier")}
      </Button>
    </>
  );
}
