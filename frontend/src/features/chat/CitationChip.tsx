import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BadgeCheck, CircleHelp, PencilLine, TextQuote } from "lucide-react";
import { Popover } from "radix-ui";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";
import type { Citation } from "@/api/client";
import { quoteQuery } from "@/api/quote";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { Failure, Skeleton } from "@/ui/states";
import { useIsNarrow } from "@/ui/useMedia";

const STYLES = {
  verbatim: { icon: BadgeCheck, className: "bg-ok-tint text-ok" },
  excerpt: { icon: TextQuote, className: "bg-ok-tint text-ok" },
  altered: { icon: PencilLine, className: "bg-warn-tint text-warn" },
  unknown: { icon: CircleHelp, className: "bg-danger-tint text-danger" },
} as const;

/** The verdict on a quoted line, as an icon and a word: never by colour alone. Opens the line as
 * it is on the board.
 */
export function CitationChip({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const isNarrow = useIsNarrow();
  const isMisattributed = citation.notes.includes("wrong_speaker");
  const { icon: Icon, className } = STYLES[citation.verdict];
  const verdict = t(`citation.${citation.verdict}`);
  const word = isMisattributed ? `${verdict} · ${t("citation.otherSpeaker")}` : verdict;
  const chip = (
    <button
      type="button"
      aria-label={t("citation.label", { verdict: word, text: citation.text })}
      onClick={isNarrow ? () => setOpen(true) : undefined}
      className={cx(
        "ms-1 inline-flex min-h-6 items-center gap-1 rounded-full px-2 align-baseline text-xs font-semibold whitespace-nowrap",
        isMisattributed ? STYLES.altered.className : className,
      )}
    >
      <Icon aria-hidden="true" size={14} />
      {word}
    </button>
  );
  if (isNarrow) {
    return (
      <>
        {chip}
        <Dialog open={open} onClose={() => setOpen(false)} title={word} shape="sheet">
          <CitationDetail citation={citation} />
        </Dialog>
      </>
    );
  }
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>{chip}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={word}
          sideOffset={6}
          collisionPadding={16}
          className="z-50 w-[360px] max-w-[calc(100vw-32px)] animate-appear rounded-lg border border-line bg-raised p-4 shadow-float outline-none"
        >
          <p className="mb-2 flex items-center gap-1 text-sm font-semibold">
            <Icon aria-hidden="true" size={16} />
            {word}
          </p>
          <CitationDetail citation={citation} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function CitationDetail({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="text-mute">{t(`citation.${citation.verdict}Text`)}</p>
      {citation.notes.includes("wrong_speaker") && (
        <p className="font-semibold text-warn">{t("citation.wrongSpeaker")}</p>
      )}
      {citation.notes.includes("repaired") && <p>{t("citation.repaired")}</p>}
      {citation.notes.includes("unquoted") && <p>{t("citation.unquoted")}</p>}
      {citation.verdict !== "verbatim" && (
        <figure>
          <figcaption className="text-xs text-mute">{t("citation.inAnswer")}</figcaption>
          <blockquote className="mt-1 border-s-2 border-field ps-3">
            {citation.difference.length ? <Difference citation={citation} /> : citation.text}
          </blockquote>
          <Legend citation={citation} />
        </figure>
      )}
      {citation.quote !== null && <BoardQuote id={citation.quote} />}
    </div>
  );
}

/** The word difference from the answer to the board: deleted and inserted words. */
function Difference({ citation }: { citation: Citation }) {
  return citation.difference.map(({ kind, text }, at) => {
    const Piece = PIECES[kind];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a piece keeps its index
      <Fragment key={at}>
        {at > 0 && " "}
        <Piece.tag className={Piece.className}>{text}</Piece.tag>
      </Fragment>
    );
  });
}

function Legend({ citation }: { citation: Citation }) {
  const { t } = useTranslation();
  const kinds = (["added", "missing"] as const).filter((kind) =>
    citation.difference.some((piece) => piece.kind === kind),
  );
  if (kinds.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-x-4 text-xs text-mute">
      {kinds.map((kind) => (
        <li key={kind}>
          <span aria-hidden="true" className={cx("me-1 px-0.5", PIECES[kind].className)}>
            Aa
          </span>
          {t(kind === "added" ? "citation.onlyInAnswer" : "citation.onlyOnBoard")}
        </li>
      ))}
    </ul>
  );
}

const PIECES = {
  same: { tag: "span", className: "" },
  added: { tag: "del", className: "bg-danger-tint text-danger line-through" },
  missing: { tag: "ins", className: "bg-ok-tint text-ok underline underline-offset-4" },
} as const;

function BoardQuote({ id }: { id: number }) {
  const { t } = useTranslation();
  const quote = useQuery(quoteQuery(id));
  if (quote.isPending) return <Skeleton rows={2} />;
  if (quote.isError) {
    if (asApiError(quote.error).status === 404) return <p>{t("citation.gone")}</p>;
    return <Failure error={quote.error} onRetry={() => quote.refetch()} className="py-4" />;
  }
  const { content, speaker, source, language } = quote.data;
  return (
    <figure>
      <figcaption className="text-xs text-mute">{t("citation.onBoard")}</figcaption>
      <blockquote
        lang={language || undefined}
        className="mt-1 border-s-2 border-accent ps-3 text-base whitespace-pre-line"
      >
        {content}
      </blockquote>
      <p className="mt-1 ps-3.5 text-mute">{[speaker, source].filter(Boolean).join(", ")}</p>
      <Link
        to="/quotes/$id"
        params={{ id: String(id) }}
        className="mt-2 inline-flex min-h-11 items-center text-accent underline underline-offset-4"
      >
        {t("citation.open")}
      </Link>
    </figure>
  );
}
