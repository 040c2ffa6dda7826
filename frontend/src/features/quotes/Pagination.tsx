import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/ui/cx";

const LINK =
  "inline-flex min-h-11 min-w-11 items-center justify-center rounded-md px-2 text-sm hover:bg-sunken aria-[current]:bg-accent aria-[current]:font-semibold aria-[current]:text-on-accent";

/** The page numbers to show: the first, the last, and those around the current page; 0 is a gap. */
export function pageNumbers(page: number, last: number): number[] {
  const wanted = [1, page - 1, page, page + 1, last].filter((n) => n >= 1 && n <= last);
  const sorted = [...new Set(wanted)].sort((a, b) => a - b);
  return sorted.flatMap((n, at) => {
    const before = sorted[at - 1] ?? 0;
    if (n - before === 2) return [n - 1, n];
    return n - before > 2 ? [0, n] : [n];
  });
}

export function Pagination({ page, last }: { page: number; last: number }) {
  const { t } = useTranslation();
  if (last < 2) return null;
  return (
    <nav aria-label={t("quotes.pages")} className="flex items-center justify-center gap-1 py-4">
      <PageLink page={page - 1} last={last} label={t("quotes.previous")}>
        <ChevronLeft aria-hidden="true" size={18} />
      </PageLink>
      {pageNumbers(page, last).map((n, at) =>
        n === 0 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place of a gap tells the two apart
          <span key={`gap-${at}`} aria-hidden="true" className="px-1 text-mute">
            …
          </span>
        ) : (
          <Link
            key={n}
            to="."
            search={(search) => ({ ...search, page: n })}
            aria-label={t("quotes.page", { page: n })}
            aria-current={n === page ? "page" : undefined}
            activeProps={{}}
            className={cx(LINK, "tabular-nums")}
          >
            {n}
          </Link>
        ),
      )}
      <PageLink page={page + 1} last={last} label={t("quotes.next")}>
        <ChevronRight aria-hidden="true" size={18} />
      </PageLink>
    </nav>
  );
}

interface PageLinkProps {
  page: number;
  last: number;
  label: string;
  children: ReactNode;
}

function PageLink({ page, last, label, children }: PageLinkProps) {
  if (page < 1 || page > last) return <span className="size-11" />;
  return (
    <Link to="." search={(search) => ({ ...search, page })} aria-label={label} className={LINK}>
      {children}
    </Link>
  );
}
