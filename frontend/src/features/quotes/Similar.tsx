import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CopyCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { similarQuery } from "./api";

const FEWEST = 4;
const LONGEST = 1000;

/** What the board has already of a line that is being written. A hint: it never stands in the way,
 * and when it cannot be had, nothing is said.
 */
export function Similar({ line, besides }: { line: string; besides: number | undefined }) {
  const { t } = useTranslation();
  const written = useSettled(line.trim(), 400);
  const isAsked = written.replaceAll(/\s/g, "").length >= FEWEST && written.length <= LONGEST;
  const similar = useQuery({
    ...similarQuery(written, besides),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  });
  const found = (isAsked && similar.data?.results) || [];
  const isSame = found[0]?.verdict === "same";
  return (
    <div role="status">
      {found.length > 0 && (
        <div className="rounded-md bg-warn-tint px-3 py-2 text-sm">
          <p className="flex items-start gap-2 font-semibold text-warn">
            <CopyCheck aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            {t(isSame ? "quotes.similar.same" : "quotes.similar.near")}
          </p>
          <ul className="mt-1 flex flex-col">
            {found.map(({ quote }) => (
              <li key={quote.id}>
                <Link
                  to="/quotes/$id"
                  params={{ id: String(quote.id) }}
                  target="_blank"
                  className="flex min-h-9 flex-wrap items-baseline gap-x-2 rounded-md py-1 ps-6 pointer-coarse:min-h-11"
                >
                  <span lang={quote.language || undefined} className="line-clamp-2 underline">
                    {quote.content}
                  </span>
                  <span className="text-xs text-mute">
                    {[quote.speaker, quote.source].filter(Boolean).join(", ")}
                    {quote.state !== "applied" &&
                      ` (${t("quotes.similar.own", { state: t(`quotes.states.${quote.state}`) })})`}
                  </span>
                  <span className="sr-only">{t("quotes.similar.newTab")}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** The value once it has not changed for some milliseconds. */
function useSettled(value: string, wait: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait);
    return () => clearTimeout(timer);
  }, [value, wait]);
  return settled;
}
