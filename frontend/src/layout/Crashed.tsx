import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Refusal } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/states";

/** Instead of a page whose start was refused, or whose code failed. */
export function Crashed({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  if (error instanceof Refusal) {
    return (
      <main id="main">
        <h1 className="sr-only">{t("error.title")}</h1>
        <Failure error={error} onRetry={() => router.invalidate()} />
      </main>
    );
  }
  return (
    <main id="main" className="flex flex-col items-center gap-4 px-4 py-12 text-center">
      <h1 className="text-xl">{t("error.title")}</h1>
      <p className="text-mute">{t("error.crashed")}</p>
      <Button kind="primary" onClick={() => location.reload()}>
        {t("error.reload")}
      </Button>
    </main>
  );
}
