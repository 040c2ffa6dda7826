import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { MessageSquareQuote, SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";
import { buttonClass } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { type BoardFilter, boardQuery, PER_PAGE } from "./api";
import { type BoardSearch, boardSearch } from "./boardSearch";
import { Pagination } from "./Pagination";
import { QuoteCard } from "./QuoteCard";

export function BoardResults({ mine }: { mine: boolean }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { q, page = 1, state, speaker, source, language } = search;
  const filter = mine ? { ...boardSearch({ ...search }), mine } : shared(search, i18n.language);
  const board = useQuery({ ...boardQuery(filter), placeholderData: keepPreviousData });
  const to = mine ? "/quotes/mine" : "/quotes";
  if (board.isPending) return <Skeleton rows={8} />;
  if (board.isError) {
    // A page past the end: lines were withdrawn, or the address was typed by hand.
    const isPastEnd = page > 1 && asApiError(board.error).status === 404;
    const onRetry = isPastEnd ? () => navigate({ to }) : () => board.refetch();
    return <Failure error={board.error} onRetry={onRetry} />;
  }
  const { results, count } = board.data;
  if (count === 0)
    return (
      <NoResults
        mine={mine}
        isFiltered={Boolean(q || (mine && state) || speaker || source || language)}
      />
    );
  return (
    <div aria-busy={board.isPlaceholderData} className="flex flex-col gap-3">
      <p role="status" className="text-xs text-mute">
        {t("quotes.count", { count })}
      </p>
      <ul className="flex flex-col gap-3">
        {results.map((quote) => (
          <li key={quote.id}>
            <QuoteCard quote={quote} mine={mine} />
          </li>
        ))}
      </ul>
      <Pagination page={page} last={Math.ceil(count / PER_PAGE)} />
    </div>
  );
}

/** What everybody sees of the board. Where neither words nor a language nor an order are chosen,
 * the lines in the page's language come first.
 */
function shared(search: BoardSearch, language: string): BoardFilter {
  const isChosen = search.q || search.language || search.sort;
  const order = isChosen ? {} : { language_first: language };
  return { ...boardSearch({ ...search }), ...order, state: "applied" };
}

function NoResults({ mine, isFiltered }: { mine: boolean; isFiltered: boolean }) {
  const { t } = useTranslation();
  if (isFiltered) {
    return (
      <Empty icon={SearchX} text={t("quotes.empty")}>
        <Link to={mine ? "/quotes/mine" : "/quotes"} className={buttonClass()}>
          {t("quotes.clear")}
        </Link>
      </Empty>
    );
  }
  return (
    <Empty icon={MessageSquareQuote} text={t(mine ? "quotes.emptyMine" : "quotes.emptyBoard")}>
      <Link to="/quotes/new" className={buttonClass()}>
        {t("quotes.submit")}
      </Link>
    </Empty>
  );
}
