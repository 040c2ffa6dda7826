import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, type Quote, unwrap } from "@/api/client";
import { keys } from "@/api/keys";

const PER_PAGE = 30;
// Old lines in Chinese characters alone are not suggested: few people can read them.
const READABLE = /[\p{Script=Hangul}\p{Script=Latin}]/u;
const LONGEST = 40; // characters of a line in a suggestion

/** Lines in the page's language; where the board has none, any. */
const boardQuery = (language: string) => ({
  queryKey: keys.suggestions(language),
  queryFn: async () => {
    const own = await appliedLines({ language });
    return own.length > 0 ? own : await appliedLines({});
  },
  staleTime: Number.POSITIVE_INFINITY,
});

async function appliedLines(filter: { language?: string }): Promise<Quote[]> {
  const query = { state: "applied", per_page: PER_PAGE, ...filter } as const;
  return (await unwrap(api.GET("/quote", { params: { query } }))).results;
}

/** Questions to begin with, which the board itself can answer: each is about a line that it has, or
 * asks for the line of the day. A chosen one goes into the field. On an empty board there is none.
 */
export function Suggestions({ onChoose }: { onChoose: (text: string) => void }) {
  const { t, i18n } = useTranslation();
  const board = useQuery(boardQuery(i18n.language));
  const { about, speaker, meaning } = chooseLines(board.data ?? []);
  const texts = [
    about && t("chat.suggest.about", { line: about.content }),
    speaker && t("chat.suggest.speaker", { speaker }),
    meaning && t("chat.suggest.meaning", { line: meaning.content }),
    about && t("chat.suggest.day"),
  ].filter((text) => text !== undefined);
  // Keeps the space while it loads, so that nothing moves.
  if (board.isPending) return <div className="min-h-[152px]" />;
  if (board.isSuccess && texts.length === 0) return <EmptyBoard />;
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

function EmptyBoard() {
  const { t } = useTranslation();
  return (
    <p className="text-mute">
      {t("quotes.emptyBoard")}{" "}
      <Link to="/quotes/new" className="text-accent underline underline-offset-4">
        {t("quotes.submit")}
      </Link>
    </p>
  );
}

/** Two lines that are short enough for a button, of two speakers if there are, and the speaker with
 * the most lines.
 */
export function chooseLines(quotes: Quote[]) {
  const short = quotes.filter(({ content }) => content.length <= LONGEST && READABLE.test(content));
  const about = short[0] ?? quotes[0];
  const meaning =
    short.find((one) => one.id !== about?.id && one.speaker !== about?.speaker) ??
    short.find((one) => one.id !== about?.id);
  const counts = new Map<string, number>();
  for (const { speaker } of quotes) {
    if (speaker) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
  }
  const [speaker] = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  return { about, meaning, speaker };
}
