import { CircleAlert, type LucideIcon, WifiOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asRefusal } from "@/api/problem";
import { Button } from "./Button";
import { cx } from "./cx";
import { useRefusalText } from "./refusal";

/** Grey lines where a list will be; only after a moment, so that fast answers do not flicker. */
export function Skeleton({ rows = 4, className }: { rows?: number; className?: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={cx("flex flex-col gap-3", className)}>
      <span className="sr-only">{t("app.loading")}</span>
      {shown &&
        Array.from({ length: rows }, (_, row) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
            key={row}
            className={cx("h-4 animate-pulse rounded-md bg-line", row % 2 ? "w-2/3" : "w-full")}
          />
        ))}
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  text: string;
  children?: ReactNode;
}

/** One sentence, and one thing to do about it. */
export function Empty({ icon: Icon, text, children }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-4 px-4 py-12 text-center">
      <span className="flex size-12 items-center justify-center rounded-full bg-tint text-accent">
        <Icon aria-hidden="true" size={24} />
      </span>
      <p className="text-mute">{text}</p>
      {children}
    </div>
  );
}

interface FailureProps {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}

/** What happened, what is kept, and another try. */
export function Failure({ error, onRetry, className }: FailureProps) {
  const { t } = useTranslation();
  const refusal = asRefusal(error);
  const text = useRefusalText(refusal);
  const Icon = refusal.code === "network" ? WifiOff : CircleAlert;
  const reference = refusal.status >= 500 && refusal.problem.request_id;
  return (
    <div
      role="alert"
      className={cx("flex flex-col items-center gap-4 px-4 py-12 text-center", className)}
    >
      <span className="flex size-12 items-center justify-center rounded-full bg-danger-tint text-danger">
        <Icon aria-hidden="true" size={24} />
      </span>
      <p>{text}</p>
      {reference && <p className="text-xs text-mute">{t("app.reference", { id: reference })}</p>}
      {onRetry && <Button onClick={onRetry}>{t("app.retry")}</Button>}
    </div>
  );
}

/** A refusal in one line, above the thing that it is about. */
export function Alert({
  children,
  tone = "danger",
}: {
  children: ReactNode;
  tone?: "danger" | "warn" | "ok";
}) {
  const tones = {
    danger: "bg-danger-tint text-danger",
    warn: "bg-warn-tint text-warn",
    ok: "bg-ok-tint text-ok",
  };
  return (
    <div
      role={tone === "danger" ? "alert" : "status"}
      className={cx("flex items-start gap-2 rounded-md px-3 py-2 text-sm", tones[tone])}
    >
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
