import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/Button";
import { useErrorText } from "@/ui/errorText";
import { TextField } from "@/ui/Field";
import { Alert } from "@/ui/states";
import { useForm } from "@/ui/useForm";
import { EmailField } from "./EmailField";
import { GuestPage } from "./GuestPage";
import { useInvitation } from "./invitation";
import { NewPasswordField } from "./NewPasswordField";
import { ProviderButtons } from "./ProviderButtons";
import { canJoin, OPEN, SignupNotice } from "./SignupNotice";
import { join, joinFormQuery, type SignedIn } from "./session";
import { VerifyForm } from "./VerifyForm";

export function JoinPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false });
  const { data: description, isPending } = useQuery(joinFormQuery);
  const signup = description?.signup ?? OPEN;
  const invitation = useInvitation();
  const [waitsFor, setWaitsFor] = useState<Exclude<SignedIn, "in">>();
  const form = useForm(async ({ email = "", password = "", nickname = "" }) => {
    const fields = { email, password, nickname };
    const outcome = await join(
      invitation.found ? { ...fields, invitation: invitation.token } : fields,
    );
    if (outcome === "in") navigate({ href: next ?? "/", replace: true });
    else setWaitsFor(outcome);
  });
  const errorText = useErrorText(form.error);
  const isKnown = !isPending && !invitation.isChecking;
  const hasForm = isKnown && waitsFor !== "approval" && canJoin(signup, invitation);
  return (
    <GuestPage title={t("account.joinTitle")} label={t("account.join")}>
      {waitsFor === "verify" && (
        <VerifyForm onDone={() => navigate({ href: next ?? "/", replace: true })} />
      )}
      {waitsFor === "approval" && <Alert tone="ok">{t("signup.waits")}</Alert>}
      {isKnown && !waitsFor && <SignupNotice signup={signup} invitation={invitation} />}
      {/* Hidden while the code is awaited, so that password managers know what was sent. */}
      {hasForm && (
        <form {...form.props} className={waitsFor ? "hidden" : "flex flex-col gap-4"}>
          {form.error && <Alert>{errorText}</Alert>}
          <EmailField fixed={invitation.found?.email || undefined} error={form.errors.email} />
          <TextField
            label={t("account.nickname")}
            name="nickname"
            autoComplete="nickname"
            maxLength={50}
            optional
            hint={t("account.nicknameHint")}
            error={form.errors.nickname}
          />
          <NewPasswordField
            label={t("account.password")}
            name="password"
            error={form.errors.password}
          />
          <Button type="submit" kind="primary" busy={form.busy} className="mt-2">
            {t("account.join")}
          </Button>
        </form>
      )}
      {hasForm && !waitsFor && <ProviderButtons providers={description?.providers} next={next} />}
      <p className="border-t border-line pt-4 text-sm text-mute">
        {t("account.haveAccount")}{" "}
        <Link
          to="/login"
          search={next ? { next } : {}}
          className="font-semibold text-accent underline underline-offset-4"
        >
          {t("account.login")}
        </Link>
      </p>
    </GuestPage>
  );
}
