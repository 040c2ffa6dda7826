import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Refusal } from "@/api/problem";
import { Button, buttonClass } from "@/ui/Button";
import { PasswordField } from "@/ui/Field";
import { toast } from "@/ui/notices";
import { useRefusalText } from "@/ui/refusal";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { EmailField } from "./EmailField";
import { GuestPage } from "./GuestPage";
import { requestReset, resetPassword, verifyEmail } from "./session";

/** Asks for the mail with which a password is reset. */
export function ResetPage() {
  const { t } = useTranslation();
  const [sent, setSent] = useState(false);
  const form = useForm(async ({ email = "" }) => {
    await requestReset(email);
    setSent(true);
  });
  const refusalText = useRefusalText(form.refusal);
  return (
    <GuestPage title={t("account.resetTitle")} label={t("account.resetTitle")}>
      {sent ? (
        <Alert tone="ok">{t("account.resetSent")}</Alert>
      ) : (
        <form {...form.props} className="flex flex-col gap-4">
          {form.refusal && <Alert>{refusalText}</Alert>}
          <EmailField hint={t("account.resetText")} error={form.errors.email} />
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("account.resetSend")}
          </Button>
        </form>
      )}
      <BackToLogin />
    </GuestPage>
  );
}

/** Where the mail's link leads. */
export function NewPasswordPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { key = "" } = useParams({ strict: false });
  const form = useForm(async ({ password = "" }) => {
    await resetPassword(key, password);
    toast(t("account.resetDone"));
    navigate({ to: "/login", replace: true });
  });
  return (
    <GuestPage title={t("account.resetTitle")} label={t("account.resetTitle")}>
      <form {...form.props} className="flex flex-col gap-4">
        {form.refusal && (
          <LinkRefused refusal={form.refusal}>
            <Link to="/reset" className="underline underline-offset-4">
              {t("account.resetAgain")}
            </Link>
          </LinkRefused>
        )}
        <PasswordField
          label={t("account.newPassword")}
          name="password"
          autoComplete="new-password"
          required
          minLength={8}
          hint={t("account.passwordHint")}
          error={form.errors.password}
        />
        <Button type="submit" kind="primary" busy={form.busy}>
          {t("settings.changePassword")}
        </Button>
      </form>
      <BackToLogin />
    </GuestPage>
  );
}

/** A link alone confirms nothing: programs that look at mails follow links too. */
export function VerifyPage() {
  const { t } = useTranslation();
  const { key = "" } = useParams({ strict: false });
  const [done, setDone] = useState(false);
  const form = useForm(async () => {
    await verifyEmail(key);
    setDone(true);
  });
  return (
    <GuestPage title={t("account.verifyTitle")} label={t("account.verifyTitle")}>
      {done ? (
        <>
          <Alert tone="ok">{t("account.verifyDone")}</Alert>
          <Link to="/login" className={buttonClass("primary")}>
            {t("account.login")}
          </Link>
        </>
      ) : (
        <form {...form.props} className="flex flex-col gap-4">
          {form.refusal && <LinkRefused refusal={form.refusal} />}
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("account.verifyAction")}
          </Button>
        </form>
      )}
    </GuestPage>
  );
}

/** Says that the link is used up, or whatever else went wrong. */
function LinkRefused({ refusal, children }: { refusal: Refusal; children?: ReactNode }) {
  const { t } = useTranslation();
  const text = useRefusalText(refusal);
  if (!("key" in refusal.fields)) return <Alert>{text}</Alert>;
  return (
    <Alert>
      <p>{t("account.linkInvalid")}</p>
      {children}
    </Alert>
  );
}

function BackToLogin() {
  const { t } = useTranslation();
  return (
    <Link to="/login" className="text-sm text-accent underline underline-offset-4">
      {t("account.login")}
    </Link>
  );
}
