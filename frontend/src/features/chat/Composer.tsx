import { useQuery } from "@tanstack/react-query";
import { ArrowUp, Square } from "lucide-react";
import {
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { useQuota } from "@/api/quota";
import { cx } from "@/ui/cx";
import { Alert } from "@/ui/states";
import { useIsTouch } from "@/ui/useMedia";
import { expectAnswers } from "./Answer";
import { modelsQuery } from "./api";
import { keepDraft, readDraft } from "./drafts";
import { EnterKey } from "./enter";
import { Quota, useResetTime } from "./Quota";

export const LONGEST_QUESTION = 8000;

interface ComposerProps {
  /** The conversation whose draft this is, or `new`. */
  place: string;
  /** Changes when a draft was changed from outside. */
  revision: number;
  field: RefObject<HTMLTextAreaElement | null>;
  onSend: (text: string) => void;
  /** Given while an answer is being written. */
  onStop: (() => void) | null;
  stopping: boolean;
  model: string;
  onModel: (model: string) => void;
  /** What the last refusal says. */
  children?: ReactNode;
}

export function Composer(props: ComposerProps) {
  const { place, revision, field, onSend, onStop, stopping, model, onModel, children } = props;
  const { t } = useTranslation();
  const isTouch = useIsTouch();
  const quota = useQuota();
  const time = useResetTime(quota);
  const [text, setText] = useState(() => readDraft(place));
  const isSpent = quota?.remaining === 0;
  const isTooLong = text.length > LONGEST_QUESTION;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a revision is a reason to read again
  useEffect(() => setText(readDraft(place)), [place, revision]);
  useAutoHeight(field, text);

  const change = (next: string) => {
    expectAnswers();
    setText(next);
    keepDraft(place, next);
  };
  const send = () => {
    const written = field.current?.value ?? "";
    if (!written.trim() || written.length > LONGEST_QUESTION || isSpent || onStop) return;
    change("");
    onSend(written.trim());
  };
  const latestSend = useRef(send);
  useLayoutEffect(() => {
    latestSend.current = send;
  });
  const enter = useMemo(() => new EnterKey(() => latestSend.current()), []);

  return (
    <div className="mx-auto flex w-full max-w-[768px] flex-col gap-2 px-4 pb-[calc(12px+env(safe-area-inset-bottom))]">
      {children}
      {isSpent && (
        <Alert tone="warn">
          <strong className="font-semibold">{t("chat.spentTitle")}</strong>
          <br />
          {t("chat.spent", { time })}
        </Alert>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
        className="rounded-lg border border-field bg-raised p-2 shadow-float has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:-outline-offset-1 has-[textarea:focus-visible]:outline-accent"
      >
        <textarea
          ref={field}
          rows={1}
          aria-label={t("chat.label")}
          aria-describedby="composer-hint"
          aria-invalid={isTooLong || undefined}
          placeholder={t("chat.placeholder")}
          value={text}
          enterKeyHint={isTouch ? "enter" : "send"}
          onChange={(event) => change(event.target.value)}
          onCompositionUpdate={({ data }) => enter.compositionUpdate(data)}
          onCompositionEnd={({ data, timeStamp }) => enter.compositionEnd(data, timeStamp)}
          onKeyDown={(event) => {
            // A phone's Enter is a new line; there is a button to send.
            if (isTouch) return;
            const { key, code, shiftKey, timeStamp, nativeEvent } = event;
            const { isComposing } = nativeEvent;
            if (enter.keyDown({ key, code, shiftKey, timeStamp, isComposing }))
              event.preventDefault();
          }}
          className="block max-h-[40dvh] min-h-11 w-full resize-none bg-transparent px-2 py-2 text-base outline-none"
        />
        <div className="flex items-center justify-between gap-2">
          <ModelChoice model={model} onModel={onModel} />
          <span
            className={cx("ms-auto text-xs", isTooLong ? "text-danger" : "text-mute")}
            role={isTooLong ? "alert" : undefined}
          >
            {text.length > LONGEST_QUESTION - 1000 &&
              t("chat.counter", { used: text.length, limit: LONGEST_QUESTION })}
          </span>
          {onStop ? (
            <RoundButton label={t("chat.stop")} onClick={onStop} disabled={stopping}>
              <Square aria-hidden="true" size={16} fill="currentColor" />
            </RoundButton>
          ) : (
            <RoundButton
              label={t("chat.send")}
              type="submit"
              disabled={!text.trim() || isTooLong || isSpent}
            >
              <ArrowUp aria-hidden="true" size={20} />
            </RoundButton>
          )}
        </div>
      </form>
      <Quota />
      <p id="composer-hint" className="sr-only">
        {isTouch ? "" : t("chat.hint")}
      </p>
    </div>
  );
}

interface RoundButtonProps {
  label: string;
  type?: "button" | "submit";
  disabled: boolean;
  onClick?: () => void;
  children: ReactNode;
}

function RoundButton({ label, type = "button", disabled, onClick, children }: RoundButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="flex size-11 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent transition-opacity duration-150 hover:opacity-90 disabled:bg-sunken disabled:text-mute"
    >
      {children}
    </button>
  );
}

function ModelChoice({ model, onModel }: { model: string; onModel: (model: string) => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(modelsQuery);
  const offered = data?.results ?? [];
  if (offered.length < 2) return null;
  const standard = offered.find((one) => one.default)?.id ?? "";
  return (
    <select
      aria-label={t("chat.model")}
      value={offered.some(({ id }) => id === model) ? model : standard}
      onChange={(event) => onModel(event.target.value)}
      className="min-h-11 max-w-[60%] min-w-0 truncate rounded-md bg-raised px-2 text-sm text-mute hover:text-ink"
    >
      {offered.map(({ id }) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  );
}

/** As high as its text, up to a limit that the stylesheet sets. */
function useAutoHeight(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text makes the height
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [field, text]);
}
