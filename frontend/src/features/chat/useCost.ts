import { useTranslation } from "react-i18next";
import { useQuota } from "@/api/quota";
import { useResetTime } from "./Quota";

/** Says in words how many of the day's questions one more answer takes, or why none can be asked.
 */
export function useCost(): { text: string; isSpent: boolean } {
  const { t } = useTranslation();
  const quota = useQuota();
  const time = useResetTime(quota);
  if (!quota) return { text: "", isSpent: false };
  const isSpent = quota.remaining === 0;
  return {
    isSpent,
    text: isSpent ? t("chat.spentReason", { time }) : t("chat.costs", { left: quota.remaining }),
  };
}
