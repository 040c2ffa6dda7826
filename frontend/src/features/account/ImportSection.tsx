import { type ChangeEvent, useRef, useState } from "react";
import { type ApiError, asApiError } from "@/api/apiError";
import { api, unwrap } from "@/api/client";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { useSettingsTranslation } from "@/i18n/settings";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { inParts, readConversations, type Unreadable, UnreadableFile } from "./conversationFile";
import { Section } from "./settingsParts";

interface Counts {
  added: number;
  known: number;
  leftOut: number;
}

/** Imports conversations from a file. What was sent before a failure stays, and is skipped when the
 * file is chosen again.
 */
export function ImportSection() {
  const { t } = useSettingsTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [counts, setCounts] = useState<Counts | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [unreadable, setUnreadable] = useState<Unreadable | null>(null);
  const errorText = useErrorText(error);

  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.currentTarget.files?.[0];
    event.currentTarget.value = ""; // so that the same file can be chosen again
    if (!file) return;
    setCounts(null);
    setError(null);
    setUnreadable(null);
    setProgress(0);
    try {
      await sendAll(file, setProgress, setCounts);
    } catch (thrown) {
      if (thrown instanceof UnreadableFile) setUnreadable(thrown.reason);
      else setError(asApiError(thrown));
    } finally {
      setProgress(null);
      await queryClient.invalidateQueries({ queryKey: keys.conversationList });
    }
  };

  return (
    <Section title={t("data:importTitle")}>
      <p className="text-sm text-mute">{t("data:importText")}</p>
      <div aria-live="polite" className="flex flex-col gap-4">
        {error && <Alert>{errorText}</Alert>}
        {unreadable && <Alert>{t(`data:unreadable.${unreadable}`)}</Alert>}
        {counts && <Result counts={counts} />}
      </div>
      <input
        ref={input}
        type="file"
        accept=".json,.zip,application/json,application/zip"
        aria-label={t("data:importAction")}
        onChange={choose}
        hidden
      />
      <Button
        className="self-start"
        busy={progress !== null}
        onClick={() => input.current?.click()}
      >
        {progress === null
          ? t("data:importAction")
          : t("data:importRunning", { percent: Math.round(progress * 100) })}
      </Button>
    </Section>
  );
}

function Result({ counts }: { counts: Counts }) {
  const { t } = useSettingsTranslation();
  const parts = [
    counts.added > 0 || counts.known + counts.leftOut === 0
      ? t("data:added", { count: counts.added })
      : "",
    counts.known > 0 ? t("data:known", { count: counts.known }) : "",
    counts.leftOut > 0 ? t("data:leftOut", { count: counts.leftOut }) : "",
  ];
  return <p className="text-sm">{parts.filter(Boolean).join(" ")}</p>;
}

async function sendAll(
  file: File,
  onProgress: (part: number) => void,
  onCounts: (counts: Counts) => void,
): Promise<void> {
  const { parts, tooLong } = inParts(await readConversations(file));
  const counts = { added: 0, known: 0, leftOut: tooLong.length };
  for (const [index, conversations] of parts.entries()) {
    const body = { conversations };
    const { results } = await unwrap(api.POST("/conversations/import", { body }));
    for (const { result } of results) {
      if (result === "added") counts.added += 1;
      else if (result === "known") counts.known += 1;
      else if (result !== "empty") counts.leftOut += 1;
    }
    onProgress((index + 1) / parts.length);
    onCounts({ ...counts });
  }
  onCounts({ ...counts });
}
