import { useTranslation } from "react-i18next";
import { asRefusal } from "@/api/problem";

const OWN_WORDS = [
  "network",
  "internal",
  "not_found",
  "throttled",
  "too_many_attempts",
  "not_authenticated",
  "permission_denied",
  "csrf_failed",
] as const;

/** What a refusal says to people: ours where we have words for its code, else the server's. */
export function useRefusalText(error: unknown): string {
  const { t } = useTranslation();
  const refusal = asRefusal(error);
  const code = OWN_WORDS.find((known) => known === refusal.code);
  if (code) return t(`error.${code}`, { seconds: refusal.retryAfter ?? 60 });
  const fields = refusal.problem.errors ?? [];
  const own = fields.length === 1 ? fields[0]?.detail : undefined;
  return own || refusal.problem.detail || t("error.fallback");
}
