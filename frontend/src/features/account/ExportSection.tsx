import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { type ApiError, asApiError } from "@/api/apiError";
import { api, BASE, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button, buttonClass } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { useFreshSignIn } from "./freshSignIn";
import { Section } from "./settingsParts";

const POLL_MS = 2000;

/** Collects all that is the user's, and offers the archive when it is ready. */
export function ExportSection() {
  const { t } = useSettingsTranslation();
  const confirmed = useFreshSignIn();
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const { data } = useQuery({
    queryKey: keys.export,
    queryFn: () => unwrap(api.GET("/accounts/export")),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? POLL_MS : false),
  });
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      const started = await confirmed(() => unwrap(api.POST("/accounts/export", { body: {} })));
      queryClient.setQueryData(keys.export, started);
    } catch (thrown) {
      setError(asApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const errorText = useErrorText(error);
  const isRunning = data?.state === "running";
  return (
    <Section title={t("data:exportTitle")}>
      <p className="text-sm text-mute">{t("data:exportText")}</p>
      <div aria-live="polite" className="flex flex-col gap-4">
        {error && <Alert>{errorText}</Alert>}
        {data?.state === "failed" && <Alert>{t("data:exportFailed")}</Alert>}
        {data?.state === "ready" && <Ready found={data} />}
      </div>
      <Button className="self-start" busy={busy || isRunning} onClick={start}>
        {t(isRunning ? "data:exportRunning" : "data:exportAction")}
      </Button>
    </Section>
  );
}

function Ready({ found }: { found: Schemas["Export"] }) {
  const { t, i18n } = useSettingsTranslation();
  const until = new Date(found.expires_at ?? "").toLocaleString(i18n.language, {
    dateStyle: "long",
    timeStyle: "short",
  });
  const kilobytes = Math.max(1, Math.round(found.size / 1000));
  const size = new Intl.NumberFormat(i18n.language, {
    style: "unit",
    unit: kilobytes < 1000 ? "kilobyte" : "megabyte",
    maximumFractionDigits: 1,
  }).format(kilobytes < 1000 ? kilobytes : kilobytes / 1000);
  return (
    <div className="flex flex-wrap items-center gap-4">
      <a href={`${BASE}/accounts/export/file`} download className={buttonClass("primary")}>
        <Download aria-hidden="true" size={18} />
        {t("data:exportDownload", { size })}
      </a>
      <p className="text-sm text-mute">{t("data:exportUntil", { time: until })}</p>
    </div>
  );
}
