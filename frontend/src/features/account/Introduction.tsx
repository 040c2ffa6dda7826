import { useQuery } from "@tanstack/react-query";
import { BadgeCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { loginFormQuery } from "./session";

/** What Daesa is, for people who have no account yet: a question with its answer as the page shows
 * it, the daily allowance, and where the lines come from.
 */
export function Introduction() {
  const { t } = useTranslation();
  const limit = useQuery(loginFormQuery).data?.daily_limit;
  return (
    <section aria-labelledby="introduction" className="flex w-full max-w-[440px] flex-col gap-4">
      <h2 id="introduction" className="text-lg">
        {t("introduction.title")}
      </h2>
      <figure className="flex flex-col gap-3 rounded-lg border border-line bg-sunken p-4">
        <figcaption className="sr-only">{t("introduction.example")}</figcaption>
        <p className="max-w-[85%] self-end rounded-lg border border-line bg-raised px-3 py-2 text-sm">
          <span className="sr-only">{t("chat.you")}: </span>
          {t("introduction.question")}
        </p>
        <div className="text-sm leading-relaxed">
          <p>{t("introduction.opening")}</p>
          <blockquote className="my-2 border-s-2 border-line ps-3">
            <p>
              “{t("introduction.line")}”{" "}
              <span className="inline-flex min-h-6 items-center gap-1 rounded-full bg-ok-tint px-2 align-baseline text-xs font-semibold whitespace-nowrap text-ok">
                <BadgeCheck aria-hidden="true" size={14} />
                {t("citation.verbatim")}
              </span>
            </p>
            <p className="text-mute">— {t("introduction.credit")}</p>
          </blockquote>
        </div>
      </figure>
      <ul className="flex list-disc flex-col gap-1 ps-5 text-sm text-mute">
        <li>{t("introduction.mark")}</li>
        <li>{t("introduction.board")}</li>
        {limit !== undefined && limit > 0 && (
          <li>{t("introduction.allowance", { count: limit })}</li>
        )}
      </ul>
    </section>
  );
}
