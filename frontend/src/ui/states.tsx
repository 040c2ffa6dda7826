import { CircleAlert, type LucideIcon, WifiOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";
import { Button } from "./Button";
import { cx } from "./cx";
import { useErrorText } from "./errorText";

/** A placeholder of a list. It appears after 200 ms, so that fast responses do not flicker. */
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

/** An empty list: one sentence and one action. */
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

/** An error: what happened, what is kept, and a button to try again. */
export function Failure({ error, onRetry, className }: FailureProps) {
  const { t } = useTranslation();
  const apiError = asApiError(error);
  const text = useErrorText(apiError);
  const Icon = apiError.code === "network" ? WifiOff : CircleAlert;
  const reference = apiError.status >= 500 && apiError.problem.request_id;
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

/** A message in a line, above what it is about. */
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
