import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ThumbsDown } from "lucide-react";
import { Fragment, lazy, Suspense, useContext, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";
import type { Citation } from "@/api/client";
import { quoteQuery } from "@/api/quote";
import "@/i18n/quotation";
import { cx } from "@/ui/cx";
import { Failure, Skeleton } from "@/ui/states";
import { Answered } from "./answered";
import { isOf, markReportsQuery } from "./markReports";

const ReportMark = lazy(() => import("./ReportMark"));

/** What a chip's verdict means, what the answer has, and the line as it is on the board. */
export function CitationDetail({ citation }: { citation: Citation }) {
  const { t } = useTranslation("quotation");
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="text-mute">{t(citation.verdict)}</p>
      {citation.notes.map((note) => (
        <p key={note} className={WARNINGS.has(note) ? "font-semibold text-warn" : undefined}>
          {t(`notes.${note}`)}
        </p>
      ))}
      {citation.verdict !== "verbatim" && (
        <figure>
          <figcaption className="text-xs text-mute">{t("inAnswer")}</figcaption>
          <blockquote dir="auto" className="mt-1 border-s-2 border-field ps-3">
            {citation.difference.length ? <Difference citation={citation} /> : citation.text}
          </blockquote>
          <Legend citation={citation} />
        </figure>
      )}
      {citation.quote !== null && <BoardQuote id={citation.quote} />}
      <Report citation={citation} />
    </div>
  );
}

/** Says that the user has reported the mark, or offers to report it. */
function Report({ citation }: { citation: Citation }) {
  const { t } = useTranslation("quotation");
  const answer = useContext(Answered);
  const [isOpen, setOpen] = useState(false);
  const known = useQuery({
    ...markReportsQuery(answer?.chat ?? 0),
    enabled: answer !== undefined,
  });
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    flushSync(() => setOpen(false));
    opener.current?.focus(); // the closed form had the focus
  };
  if (!answer) return null;
  const report = known.data?.find((one) => isOf(one, answer.reply, citation));
  if (!isOpen && !report) {
    return (
      <button
        ref={opener}
        type="button"
        onClick={() => setOpen(true)}
        className="-my-3 inline-flex min-h-11 items-center gap-2 self-start text-mute hover:text-ink"
      >
        <ThumbsDown aria-hidden="true" size={16} />
        {t("isWrong")}
      </button>
    );
  }
  return (
    <Suspense fallback={<Skeleton rows={3} />}>
      <ReportMark citation={citation} answer={answer} report={report} onClose={close} />
    </Suspense>
  );
}

const WARNINGS = new Set(["wrong_speaker", "wrong_id", "negation_left_out", "look_alike"]);

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
  const { t } = useTranslation("quotation");
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
          {t(kind === "added" ? "onlyInAnswer" : "onlyOnBoard")}
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
  const { t } = useTranslation("quotation");
  const quote = useQuery(quoteQuery(id));
  if (quote.isPending) return <Skeleton rows={2} />;
  if (quote.isError) {
    if (asApiError(quote.error).status === 404) return <p>{t("gone")}</p>;
    return <Failure error={quote.error} onRetry={() => quote.refetch()} className="py-4" />;
  }
  const { content, speaker, source, language } = quote.data;
  return (
    <figure>
      <figcaption className="text-xs text-mute">{t("onBoard")}</figcaption>
      <blockquote
        lang={language || undefined}
        dir="auto"
        className="mt-1 border-s-2 border-accent ps-3 text-base whitespace-pre-line"
      >
        {content}
      </blockquote>
      <p className="mt-1 ps-3.5 text-mute">{[speaker, source].filter(Boolean).join(", ")}</p>
      <Link
        to="/quotes/$id"
        params={{ id: String(id) }}
        className="inline-flex min-h-11 items-center text-accent underline underline-offset-4"
      >
        {t("open")}
      </Link>
    </figure>
  );
}
