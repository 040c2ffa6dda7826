import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CopyCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDebounced } from "@/ui/useDebounced";
import { similarQuery } from "./api";

const MIN_LETTERS = 4;
const MAX_LENGTH = 1000;

/** Existing lines that are like the one being written. Only a hint: it blocks nothing, and an error
 * shows nothing.
 */
export function SimilarQuotes({ line, except }: { line: string; except: number | undefined }) {
  const { t } = useTranslation();
  const written = useDebounced(line.trim(), 400);
  const isSearched =
    written.replaceAll(/\s/g, "").length >= MIN_LETTERS && written.length <= MAX_LENGTH;
  const similar = useQuery({
    ...similarQuery(written, except),
    enabled: isSearched,
    placeholderData: keepPreviousData,
  });
  const found = (isSearched && similar.data?.results) || [];
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
