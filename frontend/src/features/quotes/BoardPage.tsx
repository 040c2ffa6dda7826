import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowLeft, MessageSquareQuote, Plus, Search, SearchX } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asRefusal } from "@/api/problem";
import { boardSearch } from "@/router";
import { Button, buttonClass } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { inputClass } from "@/ui/Field";
import { Empty, Failure, Skeleton } from "@/ui/states";
import { usePage } from "@/ui/usePage";
import { boardQuery, LANGUAGES, PER_PAGE } from "./api";
import { Pages } from "./Pages";
import { QuoteCard } from "./QuoteCard";
import { Today } from "./Today";

export function BoardPage() {
  const { t } = useTranslation();
  const { q, speaker, source, language, state, sort, page } = useSearch({ strict: false });
  const name = [speaker, source].filter(Boolean).join(", ");
  if (name) {
    // Another name is another page: it begins at its top, and the focus goes to its heading.
    return (
      <Listing key={name} mine={false} title={name}>
        <p className="text-mute">{t(source ? "quotes.ofSource" : "quotes.ofSpeaker")}</p>
      </Listing>
    );
  }
  const isFront = !(q || language || state || sort || page);
  return (
    <Listing key="board" mine={false} title={t("quotes.heading")}>
      <p className="text-mute">{t("quotes.intro")}</p>
      {isFront && <Today />}
    </Listing>
  );
}

export function MinePage() {
  const { t } = useTranslation();
  return <Listing mine title={t("quotes.mine")} />;
}

interface ListingProps {
  mine: boolean;
  title: string;
  children?: ReactNode;
}

function Listing({ mine, title, children }: ListingProps) {
  const { t } = useTranslation();
  const heading = usePage(title);
  const { speaker, source } = useSearch({ strict: false });
  const isNamed = Boolean(speaker || source);
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[800px] flex-col gap-4 px-4 pt-6 pb-12">
        <div className="flex flex-wrap items-center justify-between gap-4">
          <h1 ref={heading} tabIndex={-1} className="text-xl">
            {title}
          </h1>
          <Link to="/quotes/new" className={buttonClass("primary")}>
            <Plus aria-hidden="true" size={18} />
            {t("quotes.submit")}
          </Link>
        </div>
        {children}
        {isNamed ? (
          <Link
            to={mine ? "/quotes/mine" : "/quotes"}
            className="inline-flex min-h-11 items-center gap-2 self-start rounded-md text-sm text-mute hover:text-ink"
          >
            <ArrowLeft aria-hidden="true" size={16} />
            {t("quotes.allLines")}
          </Link>
        ) : (
          <Tabs />
        )}
        <Filters mine={mine} />
        <Choices mine={mine} />
        <Results mine={mine} />
      </div>
    </main>
  );
}

const TAB =
  "-mb-px inline-flex min-h-11 items-center border-b-2 border-transparent px-3 text-sm text-mute hover:text-ink aria-[current]:border-accent aria-[current]:font-semibold aria-[current]:text-ink";

function Tabs() {
  const { t } = useTranslation();
  const active = { "aria-current": "page" } as const;
  return (
    <nav aria-label={t("quotes.board")} className="flex border-b border-line">
      <Link
        to="/quotes"
        activeOptions={{ exact: true, includeSearch: false }}
        activeProps={active}
        className={TAB}
      >
        {t("quotes.board")}
      </Link>
      <Link
        to="/quotes/mine"
        activeOptions={{ includeSearch: false }}
        activeProps={active}
        className={TAB}
      >
        {t("quotes.mine")}
      </Link>
    </nav>
  );
}

const STATES = ["applied", "pending", "declined"] as const;

function Filters({ mine }: { mine: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { q = "", state } = search;
  const [words, setWords] = useState(q);
  useEffect(() => setWords(q), [q]);
  const to = mine ? "/quotes/mine" : "/quotes";
  return (
    <search className="sticky top-0 z-10 -mx-4 bg-bg px-4 py-2">
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          navigate({ to, search: boardSearch({ ...search, q: words.trim(), page: undefined }) });
        }}
      >
        <span className="relative min-w-0 flex-1">
          <Search
            aria-hidden="true"
            size={18}
            className="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-mute"
          />
          <input
            type="search"
            aria-label={t("quotes.search")}
            placeholder={t("quotes.search")}
            value={words}
            maxLength={200}
            enterKeyHint="search"
            onChange={(event) => setWords(event.target.value)}
            className={cx(inputClass, "ps-10")}
          />
        </span>
        <Button type="submit">{t("quotes.searchAction")}</Button>
      </form>
      <fieldset className="mt-2 flex flex-wrap gap-1 border-0">
        <legend className="sr-only">{t("quotes.state")}</legend>
        {[undefined, ...STATES].map((one) => (
          <Link
            key={one ?? "all"}
            to={to}
            search={boardSearch({ ...search, state: one, page: undefined })}
            activeOptions={{ exact: true }}
            className={cx(
              "inline-flex min-h-9 items-center rounded-full border px-3 text-sm hover:border-accent pointer-coarse:min-h-11",
              one === state ? "border-accent bg-tint font-semibold" : "border-line text-mute",
            )}
          >
            {t(`quotes.states.${one ?? "all"}`)}
          </Link>
        ))}
      </fieldset>
    </search>
  );
}

/** Choices that stand above the list and scroll away with it. */
function Choices({ mine }: { mine: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const to = mine ? "/quotes/mine" : "/quotes";
  return (
    <div className="-my-2 flex flex-wrap justify-end gap-2">
      <Choice
        label={t("quotes.language")}
        value={search.language}
        options={{
          "": t("quotes.languageAll"),
          ...Object.fromEntries(LANGUAGES.map((code) => [code, t(`quotes.languages.${code}`)])),
        }}
        onChoose={(language) =>
          navigate({ to, search: boardSearch({ ...search, language, page: undefined }) })
        }
      />
      <Choice
        label={t("quotes.sort")}
        value={search.sort}
        options={
          search.q
            ? {
                "": t("quotes.sorts.best"),
                new: t("quotes.sorts.new"),
                liked: t("quotes.sorts.liked"),
              }
            : { "": t("quotes.sorts.new"), liked: t("quotes.sorts.liked") }
        }
        onChoose={(sort) =>
          navigate({ to, search: boardSearch({ ...search, sort, page: undefined }) })
        }
      />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: Record<string, string>;
  onChoose: (value: string) => void;
}

function Choice({ label, value = "", options, onChoose }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value in options ? value : ""}
      onChange={(event) => onChoose(event.target.value)}
      className="min-h-9 rounded-full border border-line bg-bg px-3 text-sm text-mute hover:border-accent pointer-coarse:min-h-11 pointer-coarse:text-base"
    >
      {Object.entries(options).map(([key, text]) => (
        <option key={key} value={key}>
          {text}
        </option>
      ))}
    </select>
  );
}

function Results({ mine }: { mine: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { q, page = 1, state, speaker, source, language } = search;
  const filter = { ...boardSearch({ ...search }), ...(mine ? { mine } : {}) };
  const board = useQuery({ ...boardQuery(filter), placeholderData: keepPreviousData });
  const to = mine ? "/quotes/mine" : "/quotes";
  if (board.isPending) return <Skeleton rows={8} />;
  if (board.isError) {
    // A page past the end: lines were withdrawn meanwhile, or the address was typed.
    const isPastEnd = page > 1 && asRefusal(board.error).status === 404;
    const onRetry = isPastEnd ? () => navigate({ to }) : () => board.refetch();
    return <Failure error={board.error} onRetry={onRetry} />;
  }
  const { results, count } = board.data;
  if (count === 0)
    return (
      <Nothing mine={mine} isFiltered={Boolean(q || state || speaker || source || language)} />
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
      <Pages page={page} last={Math.ceil(count / PER_PAGE)} />
    </div>
  );
}

function Nothing({ mine, isFiltered }: { mine: boolean; isFiltered: boolean }) {
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
