import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { GuestPage } from "./GuestPage";
import { Introduction } from "./Introduction";
import { onward } from "./onward";
import { ProviderButtons } from "./ProviderButtons";
import { SignInForm } from "./SignInForm";
import { loginFormQuery } from "./session";
import { hasPasskeys } from "./webauthn";

export function LoginPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false });
  const { data: form } = useQuery(loginFormQuery);
  return (
    <GuestPage title={t("account.loginTitle")} label={t("account.login")} beside={<Introduction />}>
      <SignInForm
        onDone={() => navigate(onward(next))}
        onCode={() => navigate({ to: "/login/code", search: next ? { next } : {} })}
      >
        <p className="text-sm">
          <Link to="/reset" className="text-accent underline underline-offset-4">
            {t("account.forgot")}
          </Link>
        </p>
      </SignInForm>
      <ProviderButtons providers={form?.providers} next={next} divided={!hasPasskeys()} />
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
