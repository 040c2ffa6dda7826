/** Signing in by providers (Kakao, Google, …): the browser leaves the page for the provider, and
 * comes back to `/login/callback`, or from connecting to the settings, with `error=` if it failed.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, asApiError, networkError } from "@/api/apiError";
import { BASE, csrfToken, type Schemas } from "@/api/client";
import "@/i18n/providers";
import { loginFormQuery } from "./session";

export type Provider = Schemas["LoginWays"]["providers"][number];

const BRANDS = ["kakao", "naver", "google", "github"] as const;
export type Brand = (typeof BRANDS)[number];

/** The brand of a provider that has one; undefined for an OpenID provider of the site's own. */
export function brandOf(id: string): Brand | undefined {
  return BRANDS.find((brand) => brand === id);
}

/** A function that gives the name of a provider in the user's language. */
export function useProviderName(): (provider: Provider) => string {
  const { t } = useTranslation(["translation", "providers"]);
  return ({ id, name }) => {
    const brand = brandOf(id);
    return brand ? t(`providers:names.${brand}`) : name;
  };
}

const ERRORS = [
  "cancelled",
  "denied",
  "expired",
  "address_taken",
  "signup_closed",
  "signup_invite",
  "signup_approval",
  "signup_domain",
  "join_declined",
  "connected_elsewhere",
  "last_way",
  "inactive",
  "fresh_sign_in_required",
  "too_many_attempts",
  "too_many_connected",
  "verify_email",
] as const;
export type ProviderError = (typeof ERRORS)[number] | "unknown";

/** The error in the address to which the browser came back. An unknown one is `unknown`: nothing of
 * the address is shown, because anyone can write a link.
 */
export function errorOf(code: unknown): ProviderError | undefined {
  if (code === undefined) return undefined;
  return ERRORS.find((known) => known === code) ?? "unknown";
}

/** The title and the text for an error of a provider. */
export function useProviderErrorText(
  error: ProviderError,
  id: string | undefined,
): { title: string; text: string } {
  const { t } = useTranslation(["translation", "providers"]);
  const nameOf = useProviderName();
  const known = useQuery(loginFormQuery).data?.providers.find((one) => one.id === id);
  const provider = known ? nameOf(known) : t("providers:some");
  return {
    title: t(`providers:errors.${error}.title`),
    text: t(`providers:errors.${error}.text`, { provider }),
  };
}

/** The address of the page to which a sign-in comes back. */
export function callbackPath(next: string | undefined): string {
  return next ? `/login/callback?${new URLSearchParams({ next })}` : "/login/callback";
}

interface Start {
  provider: string;
  process: "login" | "connect";
  callback: string;
}

/** Leaves the page for a provider, by a form, as a request from another site could not: it lacks the
 * token. Throws an `ApiError` if the server cannot be reached.
 */
export async function leaveFor({ provider, process, callback }: Start): Promise<void> {
  const token = await csrfToken().catch(() => {
    throw networkError();
  });
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${BASE}/_allauth/browser/v1/auth/provider/redirect`;
  form.hidden = true;
  const fields = { provider, process, callback_url: callback, csrfmiddlewaretoken: token };
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

/** Starts a sign-in by a provider. `started` is the provider to which the browser is leaving. */
export function useProviderStart() {
  const [started, setStarted] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    // With the back button a browser may show the page as it was when it left.
    const onShow = ({ persisted }: PageTransitionEvent) => persisted && setStarted(null);
    addEventListener("pageshow", onShow);
    return () => removeEventListener("pageshow", onShow);
  }, []);
  const start = async (wanted: Start) => {
    if (started) return;
    setStarted(wanted.provider);
    setError(null);
    try {
      await leaveFor(wanted);
    } catch (thrown) {
      setError(asApiError(thrown));
      setStarted(null);
    }
  };
  return { start, started, error };
}
