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
import { NewPasswordField } from "./NewPasswordField";
import { join } from "./session";

export function JoinPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false });
  const [needsMail, setNeedsMail] = useState(false);
  const form = useForm(async ({ email = "", password = "", nickname = "" }) => {
    const outcome = await join({ email, password, nickname });
    if (outcome === "verify") setNeedsMail(true);
    else navigate({ href: next ?? "/", replace: true });
  });
  const errorText = useErrorText(form.error);
  return (
    <GuestPage title={t("account.joinTitle")} label={t("account.join")}>
      {needsMail && <Alert tone="ok">{t("account.verify")}</Alert>}
      <form {...form.props} className={needsMail ? "hidden" : "flex flex-col gap-4"}>
        {form.error && <Alert>{errorText}</Alert>}
        <EmailField error={form.errors.email} />
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
