import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { inputClass } from "@/ui/Field";
import { LANGUAGES } from "./api";
import { type BoardSearch, boardSearch } from "./boardSearch";

const STATES = ["applied", "pending", "declined"] as const;

/** The search field, which stays visible while the list scrolls. */
export function BoardSearchField({ mine }: { mine: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { q = "" } = search;
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
    </search>
  );
}

/** Language and order, and the states of one's own lines: one row, which scrolls sideways where the
 * screen is narrow.
 */
export function BoardOptions({ mine }: { mine: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const to = mine ? "/quotes/mine" : "/quotes";
  return (
    <div className="scroller -mx-4 flex gap-2 overflow-x-auto px-4 py-1 [scrollbar-width:none]">
      {mine && <States />}
      <Select
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
      <Select
        label={t("quotes.sort")}
        value={search.sort}
        options={orders(search, mine, t)}
        onChoose={(sort) =>
          navigate({ to, search: boardSearch({ ...search, sort, page: undefined }) })
        }
      />
    </div>
  );
}

/** The orders to choose from; the first one is taken where none is chosen. */
function orders({ q, language }: BoardSearch, mine: boolean, t: TFunction) {
  const [newest, liked] = [t("quotes.sorts.new"), t("quotes.sorts.liked")];
  if (q) return { "": t("quotes.sorts.best"), new: newest, liked };
  if (mine || language) return { "": newest, liked };
  return { "": t("quotes.sorts.ownLanguage"), new: newest, liked };
}

function States() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false });
  return (
    <fieldset className="flex shrink-0 gap-1 border-0">
      <legend className="sr-only">{t("quotes.state")}</legend>
      {[undefined, ...STATES].map((one) => (
        <Link
          key={one ?? "all"}
          to="/quotes/mine"
          search={boardSearch({ ...search, state: one, page: undefined })}
          activeOptions={{ exact: true }}
          className={cx(
            "inline-flex min-h-9 shrink-0 items-center rounded-full border px-3 text-sm hover:border-accent pointer-coarse:min-h-11",
            one === search.state ? "border-accent bg-tint font-semibold" : "border-line text-mute",
          )}
        >
          {t(`quotes.states.${one ?? "all"}`)}
        </Link>
      ))}
    </fieldset>
  );
}

interface SelectProps {
  label: string;
  value: string | undefined;
  options: Record<string, string>;
  onChoose: (value: string) => void;
}

function Select({ label, value = "", options, onChoose }: SelectProps) {
  return (
    <select
      aria-label={label}
      value={value in options ? value : ""}
      onChange={(event) => onChoose(event.target.value)}
      className="min-h-9 shrink-0 rounded-full border border-line bg-bg px-3 text-sm text-mute hover:border-accent pointer-coarse:min-h-11"
    >
      {Object.entries(options).map(([key, text]) => (
        <option key={key} value={key}>
          {text}
        </option>
      ))}
    </select>
  );
}
