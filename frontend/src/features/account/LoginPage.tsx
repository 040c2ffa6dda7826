import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { GuestPage } from "./GuestPage";
import { SignInForm } from "./SignInForm";

export function LoginPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false });
  return (
    <GuestPage title={t("account.loginTitle")} label={t("account.login")}>
      <SignInForm onDone={() => navigate({ href: next ?? "/", replace: true })} />
      <p className="text-sm">
        <Link to="/reset" className="text-accent underline underline-offset-4">
          {t("account.forgot")}
        </Link>
      </p>
      <p className="border-t border-line pt-4 text-sm text-mute">
        {t("account.noAccount")}{" "}
        <Link
          to="/join"
          search={next ? { next } : {}}
          className="font-semibold text-accent underline underline-offset-4"
        >
          {t("account.join")}
        </Link>
      </p>
    </GuestPage>
  );
}
