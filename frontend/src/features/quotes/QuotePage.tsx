import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ArrowLeft, MessageCircle, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";
import { quoteQuery } from "@/api/quote";
import { Button, buttonClass } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Alert, Failure, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { usePage } from "@/ui/usePage";
import { Attribution } from "./Attribution";
import { withdrawQuote } from "./api";
import { Gloss } from "./Gloss";
import { Likes } from "./LikeButton";
import { LineActions } from "./LineActions";
import { StateBadge } from "./StateBadge";
import { Submitter } from "./Submitter";
import { withSource } from "./withSource";

/** The id in the address, or NaN if it cannot be one; then the server is not asked. */
export function useQuoteId(): number {
  const { id = "" } = useParams({ strict: false });
  return /^\d{1,15}$/.test(id) ? Number(id) : Number.NaN;
}

export function QuotePage() {
  const { t } = useTranslation();
  const id = useQuoteId();
  const quote = useQuery(quoteQuery(id));
  const heading = usePage(quote.data ? titleOf(quote.data) : t("quotes.one"));
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[736px] flex-col gap-6 px-4 pt-4 pb-12">
        <Link
          to="/quotes"
          className="inline-flex min-h-11 items-center gap-2 self-start rounded-md text-sm text-mute hover:text-ink"
        >
          <ArrowLeft aria-hidden="true" size={16} />
          {t("quotes.board")}
        </Link>
        <h1 ref={heading} tabIndex={-1} className="sr-only">
          {t("quotes.one")}
        </h1>
        {quote.isPending && <Skeleton />}
        {quote.isError && <Failure error={quote.error} onRetry={() => quote.refetch()} />}
        {quote.data && <QuoteDetail quote={quote.data} />}
      </div>
    </main>
  );
}

/** The line in the window's title, which search engines show. */
function titleOf(quote: Quote): string {
  const title = withSource(quote).replaceAll(/\s+/g, " ");
  return title.length > 100 ? `${title.slice(0, 99)}…` : title;
}

function QuoteDetail({ quote }: { quote: Quote }) {
  const { t, i18n } = useTranslation();
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" });
  const [withdrawing, setWithdrawing] = useState(false);
  return (
    <>
      <figure className="rounded-lg border border-line bg-raised p-6 shadow-float sm:p-8">
        <blockquote
          lang={quote.language || undefined}
          dir="auto"
          className="border-s-4 border-accent ps-4 text-lg leading-relaxed font-semibold whitespace-pre-line sm:text-xl"
        >
          {quote.content}
        </blockquote>
        <figcaption className="mt-4 text-mute">
          <Attribution quote={quote} />
        </figcaption>
      </figure>
      {quote.context && (
        <section>
          <h2 className="text-sm">{t("quotes.context")}</h2>
          <p className="mt-1 whitespace-pre-line">{quote.context}</p>
        </section>
      )}
      <Gloss quote={quote} />
      <p className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-mute">
        <StateBadge state={quote.state} />
        {quote.submitter && <Submitter name={quote.submitter} />}
        <time dateTime={quote.created_at}>{date.format(new Date(quote.created_at))}</time>
        {quote.state === "applied" && <Likes quote={quote} />}
      </p>
      {quote.reason && (
        <Alert>
          <strong className="font-semibold">{t("quotes.reason")}:</strong> {quote.reason}
        </Alert>
      )}
      <div className="flex flex-wrap gap-2">
        {quote.state === "applied" && (
          <Link
            to="/"
            search={{ ask: t("chat.suggest.about", { line: quote.content }) }}
            className={buttonClass("primary")}
          >
            <MessageCircle aria-hidden="true" size={18} />
            {t("quotes.ask")}
          </Link>
        )}
        <LineActions quote={quote} />
        {quote.mine && (
          <>
            <Link
              to="/quotes/$id/edit"
              params={{ id: String(quote.id) }}
              className={buttonClass("secondary")}
            >
              <Pencil aria-hidden="true" size={16} />
              {t("quotes.edit")}
            </Link>
            <Button kind="danger" onClick={() => setWithdrawing(true)}>
              <Trash2 aria-hidden="true" size={16} />
              {t("quotes.withdraw")}
            </Button>
          </>
        )}
      </div>
      {withdrawing && <WithdrawDialog id={quote.id} onClose={() => setWithdrawing(false)} />}
    </>
  );
}

function WithdrawDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const confirm = async () => {
    await withdrawQuote(id);
    toast(t("quotes.withdrawn"));
    navigate({ to: "/quotes/mine", replace: true });
  };
  return (
    <ConfirmDialog
      title={t("quotes.withdrawTitle")}
      text={t("quotes.withdrawText")}
      action={t("quotes.withdraw")}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
