import type { TFunction } from "i18next";
import { BadgeCheck, CircleHelp, EqualApproximately, PencilLine, TextQuote } from "lucide-react";
import { Popover } from "radix-ui";
import { lazy, type ReactNode, type RefObject, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Citation } from "@/api/client";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { Skeleton } from "@/ui/states";
import { useIsNarrow } from "@/ui/useMedia";

const CitationDetail = lazy(() => import("./CitationDetail"));

const GREEN = "bg-ok-tint text-ok";
const GREY = "bg-sunken text-mute";
const STYLES = {
  verbatim: [BadgeCheck, GREEN],
  same_words: [EqualApproximately, GREY],
  excerpt: [TextQuote, GREEN],
  altered: [PencilLine, "bg-danger-tint text-danger"],
  unknown: [CircleHelp, GREY],
} as const;

/** Notes that the chip itself shows. */
const SHOWN = ["wrong_speaker", "negation_left_out", "told_as_wrong"] as const;

function notesOf(notes: readonly string[]) {
  return SHOWN.filter((note) => notes.includes(note));
}

/** The text of a chip: the verdict, and the notes that must be visible at once. */
export function wordOf({ verdict, notes }: Citation, t: TFunction): string {
  return [verdict, ...notesOf(notes)].map((one) => t(`citation.${one}`)).join(" · ");
}

/** A wrong quotation is no alarm if the answer itself calls it wrong, and correct words that mislead
 * are not green.
 */
function coloursOf({ verdict, notes: all }: Citation): string {
  const notes = notesOf(all);
  if (notes.includes("told_as_wrong")) return GREY;
  if (notes.length && verdict !== "altered") return "bg-warn-tint text-warn";
  return STYLES[verdict][1];
}

/** The verdict on a quoted line, as an icon and a word: never by colour alone. Opens the line as
 * it is on the board. Most are never opened, so what opens is mounted then.
 */
export function CitationChip({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const { verdict } = citation;
  const Icon = STYLES[verdict][0];
  const word = wordOf(citation, t);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={t("citation.label", { verdict: word, text: citation.text })}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className={cx(
          "ms-1 inline-flex min-h-6 items-center gap-1 rounded-full px-2 align-baseline text-start text-xs font-semibold",
          coloursOf(citation),
        )}
      >
        <Icon aria-hidden="true" size={14} />
        {word}
      </button>
      {isOpen && (
        <Opened
          citation={citation}
          word={word}
          icon={<Icon aria-hidden="true" size={16} />}
          button={button}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

interface OpenedProps {
  citation: Citation;
  word: string;
  icon: ReactNode;
  button: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}

/** On a narrow screen a sheet, else a popover at the chip. */
function Opened({ citation, word, icon, button, onClose }: OpenedProps) {
  const isNarrow = useIsNarrow();
  const detail = (
    <Suspense fallback={<Skeleton rows={3} />}>
      <CitationDetail citation={citation} />
    </Suspense>
  );
  if (isNarrow) {
    return (
      <Dialog open onClose={onClose} title={word} shape="sheet">
        {detail}
      </Dialog>
    );
  }
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
      <Popover.Portal>
        <Popover.Content
          aria-label={word}
          sideOffset={6}
          collisionPadding={16}
          onInteractOutside={(event) => {
            if (button.current?.contains(event.target as Node)) event.preventDefault(); // it closes
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            button.current?.focus();
          }}
          className="z-50 max-h-(--radix-popover-content-available-height) w-[360px] max-w-[calc(100vw-32px)] animate-appear overflow-y-auto overscroll-contain rounded-lg border border-line bg-raised p-4 shadow-float outline-none"
        >
          <p className="mb-2 flex items-center gap-1 text-sm font-semibold">
            {icon}
            {word}
          </p>
          {detail}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
