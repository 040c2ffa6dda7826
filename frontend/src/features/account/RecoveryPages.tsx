import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/apiError";
import { Button, buttonClass } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useForm } from "@/ui/useForm";
import { EmailField } from "./EmailField";
import { GuestPage } from "./GuestPage";
import { NewPasswordField } from "./NewPasswordField";
import { requestReset, resetKeyQuery, resetPassword, verifyEmail, verifyKeyQuery } from "./session";

/** The key of a mail's link, from the fragment: browsers do not send fragments to a server. */
function useMailKey(): string {
  const hash = useLocation({ select: (location) => location.hash });
  try {
    return decodeURIComponent(hash); // the mail escapes the key's colons
  } catch {
    return hash;
  }
}

/** With a key: the form for a new password. Without one: the form that requests the mail. */
export function ResetPage() {
  const key = useMailKey();
  return key ? <NewPassword secret={key} /> : <RequestMail />;
}

function RequestMail() {
  const { t } = useTranslation();
  const [sent, setSent] = useState(false);
  const form = useForm(async ({ email = "" }) => {
    await requestReset(email);
    setSent(true);
  });
  const errorText = useErrorText(form.error);
  return (
    <GuestPage title={t("account.resetTitle")} label={t("account.resetTitle")}>
      {sent ? (
        <Alert tone="ok">{t("account.resetSent")}</Alert>
      ) : (
        <form {...form.props} className="flex flex-col gap-4">
          {form.error && <Alert>{errorText}</Alert>}
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

function NewPassword({ secret }: { secret: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useForm(async ({ password = "" }) => {
    await resetPassword(secret, password);
    toast(t("account.resetDone"));
    navigate({ to: "/login", replace: true });
  });
  const dead = deadKey(useQuery(resetKeyQuery(secret)).error);
  const error = dead ?? form.error;
  return (
    <GuestPage title={t("account.resetTitle")} label={t("account.resetTitle")}>
      {error && (
        <LinkError error={error}>
          <Link to="/reset" className="underline underline-offset-4">
            {t("account.resetAgain")}
          </Link>
        </LinkError>
      )}
      {!dead && (
        <form {...form.props} className="flex flex-col gap-4">
          <NewPasswordField
            label={t("account.newPassword")}
            name="password"
            error={form.errors.password}
          />
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("account.changePassword")}
          </Button>
        </form>
      )}
      <BackToLogin />
    </GuestPage>
  );
}

/** Confirming takes a click, because mail scanners follow links. */
export function VerifyPage() {
  const { t } = useTranslation();
  const key = useMailKey();
  const [done, setDone] = useState<"in" | "waits">();
  const form = useForm(async () => {
    setDone((await verifyEmail(key)) ? "in" : "waits");
  });
  const dead = deadKey(useQuery(verifyKeyQuery(key)).error);
  return (
    <GuestPage title={t("account.verifyTitle")} label={t("account.verifyTitle")}>
      {done ? (
        <>
          <Alert tone="ok">
            {t("account.verifyDone")}
            {done === "waits" && <p>{t("signup.waits")}</p>}
          </Alert>
          {done === "in" && (
            <Link to="/login" className={buttonClass("primary")}>
              {t("account.login")}
            </Link>
          )}
        </>
      ) : dead ? (
        <LinkError error={dead}>
          <Link to="/login" className="underline underline-offset-4">
            {t("account.verifyAgain")}
          </Link>
        </LinkError>
      ) : (
        <form {...form.props} className="flex flex-col gap-4">
          {form.error && <LinkError error={form.error} />}
          <Button type="submit" kind="primary" busy={form.busy}>
            {t("account.verifyAction")}
          </Button>
        </form>
      )}
    </GuestPage>
  );
}

/** The error if the link is no longer valid. Any other failure may be temporary; the form shows it. */
function deadKey(error: unknown): ApiError | undefined {
  return error instanceof ApiError && "key" in error.fields ? error : undefined;
}

/** Says that the link is no longer valid, or what else went wrong. */
function LinkError({ error, children }: { error: ApiError; children?: ReactNode }) {
  const { t } = useTranslation();
  const text = useErrorText(error);
  const isTaken = error.problem.errors?.some(({ code }) => code === "address_taken");
  if (!("key" in error.fields) || isTaken) return <Alert>{text}</Alert>;
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
