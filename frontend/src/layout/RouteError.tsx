import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/apiError";
import { Button } from "@/ui/Button";
import { Failure } from "@/ui/states";

/** Shown in the place of a page whose loading failed, or whose code threw. */
export function RouteError({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  if (error instanceof ApiError) {
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
