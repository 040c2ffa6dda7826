import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buttonClass } from "@/ui/Button";
import { usePage } from "@/ui/usePage";

export function NotFound() {
  const { t } = useTranslation();
  const heading = usePage(t("notFound.title"));
  return (
    <main
      id="main"
      className="flex min-h-full flex-col items-center justify-center gap-4 p-4 text-center"
    >
      <span className="flex size-16 items-center justify-center rounded-full bg-tint text-accent">
        <Compass aria-hidden="true" size={32} />
      </span>
      <h1 ref={heading} tabIndex={-1} className="text-xl">
        {t("notFound.title")}
      </h1>
      <p className="text-mute">{t("notFound.text")}</p>
      <Link to="/" className={buttonClass("primary")}>
        {t("app.home")}
      </Link>
    </main>
  );
}
