import type { TFunction } from "i18next";
import { BadgeCheck, CircleHelp, EqualApproximately, PencilLine, TextQuote } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Citation } from "@/api/client";
import { cx } from "@/ui/cx";
import { preload, showLoaded } from "@/ui/showLoaded";

const loadOpened = () => import("./OpenedCitation");
const OpenedCitation = lazy(loadOpened);

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
 * it is on the board. Most are never opened, so what opens is loaded then.
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
        onPointerEnter={() => preload(loadOpened)}
        onClick={() => (isOpen ? setOpen(false) : showLoaded(loadOpened, () => setOpen(true)))}
        className={cx(
          "ms-1 inline-flex min-h-6 items-center gap-1 rounded-full px-2 align-baseline text-start text-xs font-semibold",
          coloursOf(citation),
        )}
      >
        <Icon aria-hidden="true" size={14} />
        {word}
      </button>
      {isOpen && (
        <Suspense>
          <OpenedCitation
            citation={citation}
            word={word}
            icon={<Icon aria-hidden="true" size={16} />}
            button={button}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}
