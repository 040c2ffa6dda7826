import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";

const PAUSE = 60; // seconds between two mails

interface MailCodeFormProps {
  /** What happened, such as that a mail was sent. */
  text: string;
  onCode: (code: string) => Promise<void>;
  onResend: () => Promise<unknown>;
}

/** Takes the code of a mail, and asks for the mail again. */
export function MailCodeForm({ text, onCode, onResend }: MailCodeFormProps) {
  const { t } = useTranslation();
  const form = useForm(({ key = "" }) => onCode(key));
  const errorText = useErrorText(form.error);
  return (
    <div className="flex flex-col gap-4">
      <Alert tone="ok">{text}</Alert>
      <form {...form.props} className="flex flex-col gap-4">
        {form.error && <Alert>{errorText}</Alert>}
        <TextField
          label={t("account.code")}
          name="key"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={32}
          required
          hint={t("account.codeHint")}
          error={form.errors.key}
        />
        <Button type="submit" kind="primary" busy={form.busy}>
          {t("account.verifyAction")}
        </Button>
      </form>
      <ResendButton onResend={onResend} />
    </div>
  );
}

/** Waits as long as the server says before the mail can be asked for again. */
function ResendButton({ onResend }: { onResend: () => Promise<unknown> }) {
  const { t } = useTranslation();
  const [left, pause] = usePause(PAUSE);
  const form = useForm(async () => {
    try {
      await onResend();
      toast(t("account.mailSent"));
      pause(PAUSE);
    } catch (error) {
      const wait = asApiError(error).retryAfter;
      if (wait) pause(wait);
      throw error;
    }
  });
  const errorText = useErrorText(form.error);
  return (
    <form {...form.props} className="flex flex-col gap-2">
      {form.error && left === 0 && <Alert>{errorText}</Alert>}
      <Button type="submit" busy={form.busy} disabled={left > 0}>
        {left > 0 ? t("account.resendIn", { time: clock(left) }) : t("account.resend")}
      </Button>
    </form>
  );
}

/** The seconds that are left of a pause, and a function that begins another. */
function usePause(first: number): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(() => Date.now() + first * 1000);
  const [now, setNow] = useState(Date.now);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  const isOver = left === 0;
  useEffect(() => {
    if (isOver) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isOver]);
  const begin = (seconds: number) => {
    setNow(Date.now());
    setUntil(Date.now() + seconds * 1000);
  };
  return [left, begin];
}

/** Minutes and seconds, such as 1:05. */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
