import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Shuffle, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toast";
import { Attribution } from "./Attribution";
import { quoteOfTheDayQuery, randomQuote } from "./api";
import { LikeButton } from "./LikeButton";

/** The quote of the day, at the top of the board; nothing where there is none, or on an error. */
export function QuoteOfTheDay() {
  const { t } = useTranslation();
  const today = useQuery(quoteOfTheDayQuery);
  const quote = today.data;
  // Keeps the space while it loads, so that the list below does not move.
  if (today.isPending) return <div className="min-h-[168px]" />;
  if (!quote) return null;
  return (
    <section
      aria-labelledby="today"
      className="relative rounded-lg border border-line bg-tint p-4 hover:border-accent sm:p-6"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <h2 id="today" className="flex items-center gap-2 text-sm text-accent">
          <Sun aria-hidden="true" size={16} />
          {t("quotes.today")}
        </h2>
        <RandomButton />
      </div>
      <blockquote className="mt-2 text-lg leading-relaxed font-semibold">
        <Link
          to="/quotes/$id"
          params={{ id: String(quote.id) }}
          lang={quote.language || undefined}
          className="line-clamp-4 rounded-md after:absolute after:inset-0 after:rounded-lg"
        >
          {quote.content}
        </Link>
      </blockquote>
      <div className="mt-1 flex flex-wrap items-center justify-between gap-x-4 text-sm text-mute">
        <Attribution quote={quote} />
        <LikeButton quote={quote} />
      </div>
    </section>
  );
}

function RandomButton() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const draw = useMutation({
    mutationFn: randomQuote,
    onSuccess: ({ id }) => navigate({ to: "/quotes/$id", params: { id: String(id) } }),
    onError: () => toast(t("error.fallback")),
  });
  return (
    <Button
      kind="quiet"
      busy={draw.isPending}
      onClick={() => draw.mutate()}
      className="relative z-[1] -me-2"
    >
      {!draw.isPending && <Shuffle aria-hidden="true" size={16} />}
      {t("quotes.random")}
    </Button>
  );
}
