import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/apiError";

const TRANSLATED_CODES = [
  "network",
  "gone_on",
  "internal",
  "not_found",
  "throttled",
  "too_many_attempts",
  "not_authenticated",
  "permission_denied",
  "csrf_failed",
  "signup_closed",
  "signup_invite",
  "signup_domain",
  "waits_for_approval",
  "join_declined",
  "model_not_allowed",
  "fresh_sign_in_required",
  "passkey_cancelled",
  "passkey_known",
  "passkey_unknown",
  "passkey_failed",
] as const;

/** A duration in a language, rounded up: "40 seconds", "5 minutes". */
function waitText(seconds: number, language: string): string {
  const [count, unit] =
    seconds > 90 ? ([Math.ceil(seconds / 60), "minute"] as const) : ([seconds, "second"] as const);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(
    count,
  );
}

/** The text for an error: the page's translation where it has one for the code, else the server's.
 */
export function useErrorText(error: unknown): string {
  return useErrorTexts()(error);
}

/** The same for errors that come later. */
export function useErrorTexts(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    const { code, problem, retryAfter } = asApiError(error);
    const known = TRANSLATED_CODES.find((one) => one === code);
    if (known) return t(`error.${known}`, { wait: waitText(retryAfter ?? 60, i18n.language) });
    const fields = problem.errors ?? [];
    const own = fields.length === 1 ? fields[0]?.detail : undefined;
    return own || problem.detail || t("error.fallback");
  };
}
