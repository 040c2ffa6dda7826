import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { buttonClass } from "@/ui/Button";
import { Alert } from "@/ui/states";
import { GuestPage } from "./GuestPage";
import { errorOf, type ProviderError, useProviderErrorText } from "./providers";
import { profileQuery } from "./session";

/** Nothing is broken: the user chose it, or has something to do first. */
const CALM: ProviderError[] = [
  "cancelled",
  "address_taken",
  "signup_approval",
  "signup_closed",
  "signup_invite",
  "signup_domain",
  "verify_email",
];

/** Where a sign-in by a provider ends that has failed, with what happened and a way on. (The route
 * sends on those that have not.)
 */
export function ProviderCallbackPage() {
  const { t } = useTranslation(["translation", "providers"]);
  const { next, provider, error: code } = useSearch({ strict: false });
  const { data: profile } = useQuery({ ...profileQuery, enabled: false });
  const error = errorOf(code) ?? "unknown";
  const { title, text } = useProviderErrorText(error, provider);
  const tone = CALM.includes(error) ? "warn" : "danger";
  return (
    <GuestPage title={title} label={title}>
      <Alert tone={tone}>{text}</Alert>
      {profile ? (
        <Link to={next ?? "/"} className={buttonClass("primary")}>
          {t("providers:goOn")}
        </Link>
      ) : (
        <Link to="/login" search={next ? { next } : {}} className={buttonClass("primary")}>
          {t(error === "address_taken" ? "providers:oldWay" : "providers:backToLogin")}
        </Link>
      )}
    </GuestPage>
  );
}
