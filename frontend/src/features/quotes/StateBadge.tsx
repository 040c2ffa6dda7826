import { CircleCheck, CircleX, Clock } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";
import { cx } from "@/ui/cx";

const STYLES = {
  applied: { icon: CircleCheck, className: "bg-ok-tint text-ok" },
  pending: { icon: Clock, className: "bg-warn-tint text-warn" },
  declined: { icon: CircleX, className: "bg-danger-tint text-danger" },
} as const;

export function StateBadge({ state }: { state: Quote["state"] }) {
  const { t } = useTranslation();
  const { icon: Icon, className } = STYLES[state];
  return (
    <span
      className={cx(
        "inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-semibold whitespace-nowrap",
        className,
      )}
    >
      <Icon aria-hidden="true" size={14} />
      {t(`quotes.states.${state}`)}
    </span>
  );
}
