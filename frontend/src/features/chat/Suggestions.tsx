import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Quote, unwrap } from "@/api/client";
import { keys } from "@/api/keys";

const boardQuery = (language: string) => ({
  queryKey: keys.suggestions(language),
  queryFn: () => {
    const query = { state: "applied", language, per_page: 30 } as const;
    return unwrap(api.GET("/quote", { params: { query } }));
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** Four questions to begin with, made of lines on the board. A chosen one goes into the field. */
export function Suggestions({ onChoose }: { onChoose: (text: string) => void }) {
  const { t, i18n } = useTranslation();
  const board = useQuery(boardQuery(i18n.language));
  const quotes = board.data?.results ?? [];
  const short = quotes.filter(({ content }) => content.length <= 40);
  const [first, second] = [short[0], short.at(-1)];
  const texts = [
    first ? t("chat.suggest.about", { line: first.content }) : t("chat.suggest.comfort"),
    named(quotes, "speaker", (speaker) => t("chat.suggest.speaker", { speaker })) ??
      t("chat.suggest.love"),
    second && second !== first
      ? t("chat.suggest.meaning", { line: second.content })
      : t("chat.suggest.courage"),
    t("chat.suggest.mood"),
  ];
  // Keeps the space while it loads, so that nothing moves.
  if (board.isPending) return <div className="min-h-[152px]" />;
  return (
    <ul aria-label={t("chat.suggestions")} className="grid gap-2 sm:grid-cols-2">
      {texts.map((text) => (
        <li key={text} className="flex">
          <button
            type="button"
            onClick={() => onChoose(text)}
            className="min-h-11 w-full rounded-lg border border-line bg-raised px-4 py-3 text-start text-sm hover:border-accent"
          >
            <span className="line-clamp-2">{text}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function named(quotes: Quote[], field: "speaker", say: (name: string) => string): string | null {
  const name = quotes.map((quote) => quote[field]).find(Boolean);
  return name ? say(name) : null;
}
