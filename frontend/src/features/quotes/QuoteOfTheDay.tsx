import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Code, Shuffle, Sun } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";
import { Button } from "@/ui/Button";
import { showLoaded } from "@/ui/showLoaded";
import { toast } from "@/ui/toast";
import { Attribution } from "./Attribution";
import { quoteOfTheDayQuery, randomQuote } from "./api";
import { Likes } from "./LikeButton";

// Loaded when it is opened.
const loadEmbed = () => import("./EmbedDialog");
const EmbedDialog = lazy(loadEmbed);

/** The quote of the day, at the top of the board; nothing where there is none, or on an error. */
export function QuoteOfTheDay() {
  const { t, i18n } = useTranslation();
  const today = useQuery(quoteOfTheDayQuery(i18n.language));
  const quote = today.data;
  // Keeps the space while it loads, so that the list below does not move.
  if (today.isPending) return <div className="min-h-[152px]" />;
  if (!quote) return null;
  return (
    <section
      aria-labelledby="today"
      className="relative rounded-lg border border-line bg-tint px-4 py-2 hover:border-accent sm:p-6"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <h2 id="today" className="flex items-center gap-2 text-sm text-accent">
          <Sun aria-hidden="true" size={16} />
          {t("quotes.today")}
        </h2>
        <span className="-me-2 flex flex-wrap">
          <EmbedButton quote={quote} />
          <RandomButton />
        </span>
      </div>
      <blockquote className="mt-1 text-lg leading-relaxed font-semibold sm:mt-2">
        <Link
          to="/quotes/$id"
          params={{ id: String(quote.id) }}
          lang={quote.language || undefined}
          dir="auto"
          className="line-clamp-4 rounded-md after:absolute after:inset-0 after:rounded-lg"
        >
          {quote.content}
        </Link>
      </blockquote>
      <div className="mt-1 flex flex-wrap items-center justify-between gap-x-4 text-sm text-mute">
        <Attribution quote={quote} />
        <Likes quote={quote} />
      </div>
    </section>
  );
}

/** Nothing where the board is not public: other sites could not show it. */
function EmbedButton({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const href = quote.links.find(({ rel }) => rel === "embed")?.href;
  if (!href) return null;
  return (
    <>
      <Button
        kind="quiet"
        onClick={() => showLoaded(loadEmbed, () => setOpen(true))}
        className="relative z-[1] max-[639px]:px-3"
      >
        <Code aria-hidden="true" size={16} />
        <span className="max-[639px]:sr-only">{t("quotes.embed")}</span>
      </Button>
      <Suspense>{isOpen && <EmbedDialog href={href} onClose={() => setOpen(false)} />}</Suspense>
    </>
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
      className="relative z-[1]"
    >
      {!draw.isPending && <Shuffle aria-hidden="true" size={16} />}
      {t("quotes.random")}
    </Button>
  );
}
