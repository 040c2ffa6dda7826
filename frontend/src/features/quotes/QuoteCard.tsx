import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";
import { Attribution } from "./Attribution";
import { Likes } from "./LikeButton";
import { StateBadge } from "./StateBadge";

/** A line in a list. */
export function QuoteCard({ quote, mine }: { quote: Quote; mine: boolean }) {
  const { t, i18n } = useTranslation();
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" });
  return (
    <article className="relative rounded-lg border border-line bg-raised p-4 hover:border-accent">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <h2 className="min-w-0 flex-1 basis-64 text-base leading-relaxed font-semibold">
          <Link
            to="/quotes/$id"
            params={{ id: String(quote.id) }}
            lang={quote.language || undefined}
            dir="auto"
            className="line-clamp-3 rounded-md after:absolute after:inset-0 after:rounded-lg"
          >
            {quote.content}
          </Link>
        </h2>
        {(mine || quote.state !== "applied") && <StateBadge state={quote.state} />}
      </div>
      <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 text-sm text-mute">
        <Attribution quote={quote} />
        {quote.state === "applied" && <Likes quote={quote} />}
        {mine && (
          <time dateTime={quote.created_at} className="text-xs">
            {t("quotes.on", { date: date.format(new Date(quote.created_at)) })}
          </time>
        )}
      </div>
      {quote.reason && (
        <p className="mt-2 rounded-md bg-danger-tint px-3 py-2 text-sm text-danger">
          <strong className="font-semibold">{t("quotes.reason")}:</strong> {quote.reason}
        </p>
      )}
    </article>
  );
}
