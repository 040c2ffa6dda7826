import { ArrowUp, Square } from "lucide-react";
import {
  type DragEvent,
  lazy,
  type ReactNode,
  type RefObject,
  Suspense,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";
import { useQuota } from "@/api/quota";
import { cx } from "@/ui/cx";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useIsTouch } from "@/ui/useMedia";
import { AttachButton, useTakes } from "./AttachButton";
import { readAside, readDraft, saveDraft } from "./drafts";
import { EnterKey } from "./enterKey";
import {
  type Attachment,
  addPendingFile,
  changePendingFile,
  MOST_FILES,
  setPendingFiles,
  takeFiles,
  usePendingFiles,
} from "./files";
import { preloadMarkdown } from "./loadMarkdown";
import { ModelChoice } from "./ModelChoice";
import { Quota, useResetTime } from "./Quota";
import { useIsBoard } from "./useModel";

const PendingFiles = lazy(() =>
  import("./PendingFiles").catch(() => ({ default: FilesNotLoaded })),
);

export const MAX_QUESTION_LENGTH = 8000;
// Small talk with the board costs nothing. Only the server knows what small talk is; a longer text
// never is. A text that the server refuses comes back into the field.
const LONGEST_SMALL_TALK = 60;

interface ComposerProps {
  /** The id of the conversation, or `new`. */
  draftKey: string;
  /** Changes when the draft was changed outside of the composer. */
  revision: number;
  field: RefObject<HTMLTextAreaElement | null>;
  onSend: (text: string, files: readonly Attachment[]) => void;
  /** Puts the draft that another text has replaced into the field again. */
  onPutBack: () => void;
  /** Set while an answer is being written. */
  onStop: (() => void) | null;
  stopping: boolean;
  model: string;
  onModel: (model: string) => void;
  /** The last error. */
  children?: ReactNode;
}

export function Composer(props: ComposerProps) {
  const { draftKey, revision, field, onSend, onStop, stopping, model, onModel, children } = props;
  const { t } = useTranslation();
  const isTouch = useIsTouch();
  const quota = useQuota();
  const time = useResetTime(quota);
  const [text, setText] = useState(() => readDraft(draftKey));
  const isSpent = quota?.remaining === 0;
  const isTalkFree = useIsBoard(model) && quota?.limit !== 0;
  const isRefused = (words: string) =>
    isSpent && !(isTalkFree && words.trim().length <= LONGEST_SMALL_TALK);
  const isTooLong = text.length > MAX_QUESTION_LENGTH;
  const takes = useTakes(model);
  const files = usePendingFiles(draftKey);
  const isReady = files.every(({ attachment }) => attachment);

  // biome-ignore lint/correctness/useExhaustiveDependencies: reads the draft again
  useEffect(() => setText(readDraft(draftKey)), [draftKey, revision]);
  useAutoHeight(field, text);

  const change = (next: string) => {
    preloadMarkdown();
    setText(next);
    saveDraft(draftKey, next);
  };
  const send = () => {
    const written = field.current?.value ?? "";
    if (!written.trim() || written.length > MAX_QUESTION_LENGTH || onStop) return;
    if (isRefused(written) || !isReady) return;
    change("");
    onSend(written.trim(), takeFiles(draftKey));
    if (!isTouch) field.current?.focus(); // the button that was clicked is gone
  };
  const addFiles = (given: readonly File[]) => {
    const keys = given.map((file) => addPendingFile(draftKey, file.name));
    const tooMany = keys.filter((key) => key === null).length;
    if (tooMany > 0) toast(t("chat.tooManyFiles", { count: MOST_FILES }));
    given.forEach((file, at) => {
      const key = keys[at];
      if (key) uploadTo(key, file);
    });
  };
  const drop = useDrop(takes.length > 0 ? addFiles : null);
  const latestSend = useRef(send);
  useLayoutEffect(() => {
    latestSend.current = send;
  });
  const enter = useMemo(() => new EnterKey(() => latestSend.current()), []);

  return (
    <div className="mx-auto flex w-full max-w-[768px] flex-col gap-2 px-4 pb-[calc(12px+env(safe-area-inset-bottom))] short:gap-1 short:pb-1 print:hidden">
      {children}
      <PutAside text={readAside(draftKey)} onPutBack={props.onPutBack} />
      {isSpent && (
        <Alert tone="warn">
          <strong className="font-semibold">{t("chat.spentTitle")}</strong>
          <br />
          {t("chat.spent", { time })}
          {isTalkFree && ` ${t("chat.smallTalkFree")}`}
        </Alert>
      )}
      <form
        aria-label={t("chat.composer")}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
        {...drop.handlers}
        data-dropping={drop.isOver || undefined}
        className="rounded-lg border border-field bg-raised p-2 shadow-float data-dropping:border-accent data-dropping:bg-tint short:flex-wrap short:flex short:items-end short:gap-1 short:p-1 has-[textarea:focus-visible]:border-accent has-[textarea:focus-visible]:outline-1 has-[textarea:focus-visible]:-outline-offset-1 has-[textarea:focus-visible]:outline-accent"
      >
        {files.length > 0 && (
          <Suspense>
            <PendingFiles draft={draftKey} />
          </Suspense>
        )}
        <textarea
          ref={field}
          id="question"
          dir="auto"
          rows={1}
          aria-label={t("chat.label")}
          aria-describedby="composer-hint"
          aria-invalid={isTooLong || undefined}
          placeholder={t("chat.placeholder")}
          value={text}
          enterKeyHint={isTouch ? "enter" : "send"}
          onChange={(event) => change(event.target.value)}
          onPaste={(event) => {
            const pasted = [...event.clipboardData.files];
            if (pasted.length === 0 || takes.length === 0) return;
            event.preventDefault();
            addFiles(pasted);
          }}
          onCompositionUpdate={({ data }) => enter.compositionUpdate(data)}
          onCompositionEnd={({ data, timeStamp }) => enter.compositionEnd(data, timeStamp)}
          onKeyDown={(event) => {
            // On a phone Enter is a new line; the button sends.
            if (isTouch) return;
            const { key, code, shiftKey, timeStamp, nativeEvent } = event;
            const { isComposing } = nativeEvent;
            if (enter.keyDown({ key, code, shiftKey, timeStamp, isComposing }))
              event.preventDefault();
          }}
          className="block max-h-[40dvh] min-h-11 w-full short:max-h-[20dvh] short:placeholder:text-nowrap short:min-w-0 short:flex-1 resize-none bg-transparent px-2 py-2 text-base outline-none"
        />
        <div className="flex items-center justify-between gap-2 short:contents">
          {takes.length > 0 && <AttachButton takes={takes} onFiles={addFiles} />}
          <ModelChoice model={model} onModel={onModel} />
          <span
            className={cx("ms-auto text-xs", isTooLong ? "text-danger" : "text-mute")}
            role={isTooLong ? "alert" : undefined}
          >
            {text.length > MAX_QUESTION_LENGTH - 1000 &&
              t("chat.counter", { used: text.length, limit: MAX_QUESTION_LENGTH })}
          </span>
          {onStop ? (
            <RoundButton label={t("chat.stop")} onClick={onStop} disabled={stopping}>
              <Square aria-hidden="true" size={16} fill="currentColor" />
            </RoundButton>
          ) : (
            <RoundButton
              label={t("chat.send")}
              type="submit"
              disabled={!text.trim() || isTooLong || isRefused(text) || !isReady}
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

/** Shows the draft that a suggestion has replaced. */
function PutAside({ text, onPutBack }: { text: string; onPutBack: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="status">
      {text && (
        <p className="flex items-center gap-2 text-sm text-mute">
          <span className="truncate">{t("chat.putAside", { text })}</span>
          <button
            type="button"
            onClick={onPutBack}
            className="min-h-8 shrink-0 font-semibold text-accent underline-offset-4 hover:underline pointer-coarse:min-h-11"
          >
            {t("chat.putBack")}
          </button>
        </p>
      )}
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

async function uploadTo(key: string, file: File): Promise<void> {
  try {
    const { upload } = await import("./uploads");
    changePendingFile(key, { attachment: await upload(file) });
  } catch (error) {
    changePendingFile(key, { error: asApiError(error) });
  }
}

/** What stands in for the files where their code cannot be loaded, as offline. */
function FilesNotLoaded({ draft }: { draft: string }) {
  const { t } = useTranslation();
  const name = usePendingFiles(draft)
    .map((file) => file.name)
    .join(", ");
  return (
    <p role="alert" className="px-2 pb-2 text-sm text-danger">
      {t("app.notLoaded")}{" "}
      <button
        type="button"
        onClick={() => setPendingFiles(draft, [])}
        className="min-h-8 font-semibold underline underline-offset-4 pointer-coarse:min-h-11"
      >
        {t("chat.removeFile", { name })}
      </button>
    </p>
  );
}

/** Handlers for files that are dragged over an element and dropped on it; null takes none. */
function useDrop(onFiles: ((files: readonly File[]) => void) | null) {
  const [isOver, setOver] = useState(false);
  const handlers = {
    onDragOver: (event: DragEvent) => {
      if (!onFiles || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      const files = [...event.dataTransfer.files];
      setOver(false);
      if (!onFiles || files.length === 0) return;
      event.preventDefault();
      onFiles(files);
    },
  };
  return { isOver, handlers };
}

/** Makes the field as high as its text; `max-h` limits it. */
function useAutoHeight(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    // An empty one has its one row. Asking would lay the whole page out while it is being made.
    if (text) area.style.height = `${area.scrollHeight}px`;
  }, [field, text]);
}
