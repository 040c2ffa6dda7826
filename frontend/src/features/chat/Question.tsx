import { Pencil } from "lucide-react";
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/ui/CopyButton";
import { cx } from "@/ui/cx";
import { showLoaded } from "@/ui/showLoaded";
import type { Attachment } from "./files";
import { rangesOf } from "./highlight";
import { PaidButton } from "./PaidButton";
import { VersionSwitcher } from "./VersionSwitcher";

const loadEditor = () => import("./QuestionEditor");
const QuestionEditor = lazy(loadEditor);
const AskedFiles = lazy(() => import("./AskedFiles").catch(() => ({ default: FileNames })));

interface QuestionProps {
  /** The chat's; missing until the server has stored the question. */
  id?: number;
  text: string;
  files?: readonly Attachment[] | undefined;
  /** The words of the search that has found this exchange. */
  words?: string;
  versions?: { index: number; count: number; onGo: (index: number) => void };
  /** Missing while the question cannot be edited. */
  onResend?: ((text: string) => void) | undefined;
}

export function Question({ id, text, files = [], words = "", versions, onResend }: QuestionProps) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const edit = () => showLoaded(loadEditor, () => setEditing(true));
  return (
    <article aria-label={t("chat.you")} className="flex flex-col items-end">
      {editing && onResend && id !== undefined ? (
        <Suspense>
          <QuestionEditor id={id} text={text} onEditing={setEditing} onResend={onResend} />
        </Suspense>
      ) : (
        <>
          {files.length > 0 && (
            <Suspense fallback={<div className="h-40" />}>
              <AskedFiles files={files} />
            </Suspense>
          )}
          <Folded text={text} words={words} />
          <div className="flex min-h-8 flex-wrap items-center justify-end">
            {versions && <VersionSwitcher {...versions} />}
            <CopyButton label={t("chat.copy")} text={() => text} />
            {onResend && (
              <PaidButton label={t("chat.edit")} onClick={edit}>
                <Pencil aria-hidden="true" size={16} />
              </PaidButton>
            )}
          </div>
        </>
      )}
    </article>
  );
}

/** What stands in for the files where their code cannot be loaded, as offline. */
function FileNames({ files }: { files: readonly Attachment[] }) {
  return <p className="text-sm text-mute">{files.map(({ name }) => name).join(", ")}</p>;
}

/** A long question is folded, so that its answer is visible, unless that would hide a search hit.
 */
function Folded({ text, words }: { text: string; words: string }) {
  const { t } = useTranslation();
  const box = useRef<HTMLParagraphElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const shown = box.current;
    if (!shown || isOpen) return;
    // When it is laid out, which is later for one out of sight.
    const observer = new ResizeObserver(() => {
      flushSync(() => setLong(shown.scrollHeight > shown.clientHeight + 1));
    });
    observer.observe(shown);
    return () => observer.disconnect();
  }, [isOpen]);
  useLayoutEffect(() => {
    if (!words || !box.current || !hides(box.current, words)) return;
    setOpen(true);
    setLong(true);
  }, [words]);
  return (
    <div className="max-w-[85%] rounded-lg rounded-se-md bg-tint px-4 py-2">
      <p
        ref={box}
        dir="auto"
        className={cx("whitespace-pre-wrap", !isOpen && "line-clamp-6 print:line-clamp-none")}
      >
        {text}
      </p>
      {isLong && (
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="min-h-8 text-sm font-semibold text-accent underline-offset-4 hover:underline pointer-coarse:min-h-11 print:hidden"
        >
          {t(isOpen ? "chat.fold" : "chat.unfold")}
        </button>
      )}
    </div>
  );
}

/** Whether one of the words is in the hidden part of the folded text. */
function hides(box: HTMLElement, words: string): boolean {
  const bottom = box.getBoundingClientRect().bottom + 1;
  return rangesOf(box, words).some((range) => range.getBoundingClientRect().bottom > bottom);
}
