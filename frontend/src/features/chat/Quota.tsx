import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/keys";
import { queryClient } from "@/api/queries";
import { type Quota as QuotaStatus, useQuota } from "@/api/quota";
import { cx } from "@/ui/cx";

const MOST_DOTS = 10;

/** What is left of today's quota, as dots and as text, and the time of the reset. */
export function Quota() {
  const { t } = useTranslation();
  const quota = useQuota();
  const time = useResetTime(quota);
  useRenewal(quota);
  if (!quota) return null;
  const { remaining, limit } = quota;
  return (
    <p className="flex flex-wrap items-center justify-center gap-x-2 text-xs text-mute">
      {limit <= MOST_DOTS && (
        <span aria-hidden="true" className="flex gap-1">
          {Array.from({ length: limit }, (_, dot) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: dots differ by their index alone
              key={dot}
              className={cx(
                "size-2 rounded-full border",
                dot < remaining ? "border-accent bg-accent" : "border-field",
              )}
            />
          ))}
        </span>
      )}
      <span className={cx(remaining === 0 && "font-semibold text-ink")}>
        {t("chat.left", { count: remaining, limit })}
      </span>
      <span aria-hidden="true">·</span>
      <span>{t("chat.resets", { time })}</span>
    </p>
  );
}

/** The day and time of the reset where the reader is: "tomorrow at 00:00". */
export function useResetTime(quota: QuotaStatus | null): string {
  const { t, i18n } = useTranslation();
  if (!quota) return "";
  const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const reset = new Date(quota.resets_at);
  const time = new Intl.DateTimeFormat(i18n.language, format).format(reset);
  const isToday = reset.toDateString() === new Date().toDateString();
  return t(isToday ? "chat.todayAt" : "chat.tomorrowAt", { time });
}

/** Fetches the profile, which has the quota, after the reset. */
function useRenewal(quota: QuotaStatus | null): void {
  const resetsAt = quota?.resets_at;
  useEffect(() => {
    if (!resetsAt) return;
    const wait = Math.max(1000, new Date(resetsAt).getTime() - Date.now() + 1500);
    const ask = () => queryClient.refetchQueries({ queryKey: keys.profile, type: "all" });
    const timer = setTimeout(ask, Math.min(wait, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [resetsAt]);
}
