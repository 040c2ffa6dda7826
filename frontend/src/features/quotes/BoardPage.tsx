import { Link, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useIsGuest } from "@/api/useIsGuest";
import { buttonClass } from "@/ui/Button";
import { usePage } from "@/ui/usePage";
import { BoardOptions, BoardSearchField } from "./BoardFilters";
import { BoardResults } from "./BoardResults";
import { QuoteOfTheDay } from "./QuoteOfTheDay";

export function BoardPage() {
  const { t } = useTranslation();
  const { q, speaker, source, language, state, sort, page } = useSearch({ strict: false });
  const name = [speaker, source].filter(Boolean).join(", ");
  if (name) {
    // With the key, another name is another page: scrolled to the top, with the focus on its
    // heading.
    return (
      <BoardLayout key={name} mine={false} title={name}>
        <p className="text-mute">{t(source ? "quotes.ofSource" : "quotes.ofSpeaker")}</p>
      </BoardLayout>
    );
  }
  const isFront = !(q || language || state || sort || page);
  return (
    <BoardLayout key="board" mine={false} title={t("quotes.heading")}>
      <p className="text-mute max-[639px]:sr-only">{t("quotes.intro")}</p>
      {isFront && <QuoteOfTheDay />}
    </BoardLayout>
  );
}

export function MinePage() {
  const { t } = useTranslation();
  return <BoardLayout mine title={t("quotes.mine")} />;
}

interface BoardLayoutProps {
  mine: boolean;
  title: string;
  children?: ReactNode;
}

function BoardLayout({ mine, title, children }: BoardLayoutProps) {
  const { t } = useTranslation();
  const heading = usePage(title);
  const { speaker, source } = useSearch({ strict: false });
  const isNamed = Boolean(speaker || source);
  const isGuest = useIsGuest();
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-[800px] flex-col gap-3 px-4 pt-3 pb-12 sm:pt-6">
        <div className="flex items-center justify-between gap-4">
          <h1 ref={heading} tabIndex={-1} className="min-w-0 text-lg sm:text-xl">
            {title}
          </h1>
          {!isGuest && (
            <Link to="/quotes/new" className={buttonClass("primary", "shrink-0")}>
              <Plus aria-hidden="true" size={18} />
              {t("quotes.submit")}
            </Link>
          )}
        </div>
        <BoardSearchField mine={mine} />
        {isNamed ? (
          <Link
            to={mine ? "/quotes/mine" : "/quotes"}
            className="inline-flex min-h-11 items-center gap-2 self-start rounded-md text-sm text-mute hover:text-ink"
          >
            <ArrowLeft aria-hidden="true" size={16} />
            {t("quotes.allLines")}
          </Link>
        ) : (
          !isGuest && <Tabs />
        )}
        {children}
        <BoardOptions mine={mine} />
        <BoardResults mine={mine} />
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
