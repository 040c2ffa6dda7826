import { useNavigate, useSearch } from "@tanstack/react-router";
import { useFactorTranslation } from "@/i18n/factor";
import { CodeForm } from "./CodeForm";
import { GuestPage } from "./GuestPage";
import { onward } from "./onward";

/** The second step of a sign-in, after the password or the provider. */
export function CodePage() {
  const { t } = useFactorTranslation();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false });
  return (
    <GuestPage title={t("factor:signInTitle")} label={t("factor:signInLabel")}>
      <CodeForm
        onDone={() => navigate(onward(next))}
        onBack={() => navigate({ to: "/login", search: next ? { next } : {}, replace: true })}
      />
    </GuestPage>
  );
}
