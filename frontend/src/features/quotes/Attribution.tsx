import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";

const NAME =
  "relative z-[1] rounded-md py-1 underline decoration-field/50 underline-offset-4 hover:text-ink hover:decoration-current";

/** Speaker and work, each a link to its lines on the board. */
export function Attribution({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  const { speaker, source } = quote;
  return (
    <span>
      —{" "}
      {speaker ? (
        <Link to="/quotes" search={{ speaker }} className={NAME}>
          <bdi>{speaker}</bdi>
        </Link>
      ) : (
        t("quotes.unknownSpeaker")
      )}
      {source && (
        <>
          {", "}
          <Link to="/quotes" search={{ source }} className={NAME}>
            <bdi>{source}</bdi>
          </Link>
        </>
      )}
    </span>
  );
}
