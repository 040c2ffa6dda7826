import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";

/** What a line means, with a heading that says where a language model has written it. */
export function Gloss({ quote }: { quote: Pick<Quote, "gloss" | "gloss_by_model" | "language"> }) {
  const { t } = useTranslation();
  if (!quote.gloss) return null;
  return (
    <section>
      <h2 className="text-sm">
        {t(quote.gloss_by_model ? "quotes.glossByModel" : "quotes.gloss")}
      </h2>
      <p className="mt-1" lang={quote.language || undefined}>
        {quote.gloss}
      </p>
    </section>
  );
}
