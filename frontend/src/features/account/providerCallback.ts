/** What the route `/login/callback` does, before it shows anything. */
import { allauth } from "@/api/client";
import { queryClient } from "@/api/queries";
import { profileQuery } from "./session";

/** How a sign-in by a provider came back. */
export interface FromProvider {
  error?: string;
  provider?: string;
  next?: string;
}

/** The step that a sign-in waits for, in allauth's words (`mfa_authenticate`, `verify_email`). */
async function pendingStep(): Promise<string | undefined> {
  const { body } = await allauth("GET", "auth/session", undefined, 401);
  const flows = (body as { data?: { flows?: { id: string; is_pending?: boolean }[] } }).data?.flows;
  return flows?.find((flow) => flow.is_pending)?.id;
}

/** Where the browser goes on to: after a good sign-in to `next`, or to the second factor; undefined
 * to show the error. Throws an `ApiError`.
 */
export async function wayOn({ error, provider, next }: FromProvider): Promise<string | undefined> {
  const profile = queryClient.fetchQuery({ ...profileQuery, staleTime: 0 });
  if (error) {
    await profile.catch(() => null); // the error is shown to guests and users
    return undefined;
  }
  if (await profile) return next ?? "/";
  const step = await pendingStep();
  const way = new URLSearchParams({ ...(provider && { provider }), ...(next && { next }) });
  if (step === "mfa_authenticate") return `/login/code?${way}`;
  way.set("error", step === "verify_email" ? step : "unknown");
  return `/login/callback?${way}`;
}
