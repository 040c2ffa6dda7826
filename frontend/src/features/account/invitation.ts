/** The invitation of a link `/join#invite=…`. The token is in the fragment, which browsers do not
 * send, so no server or proxy logs it.
 */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/keys";

/** Asks whether the invitation can be used. The server keeps it in the session then, for a sign-up
 * by a provider, which leaves the page.
 */
const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: keys.invitation(token),
    queryFn: () => unwrap(api.POST("/accounts/join/invitation", { body: { invitation: token } })),
    enabled: token !== "",
    staleTime: 60_000,
  });

export interface Invitation {
  token: string;
  isChecking: boolean;
  /** What the server says of it; undefined without one that can be used. */
  found: Schemas["InvitationShown"] | undefined;
  error: unknown;
}

export function useInvitation(): Invitation {
  const hash = useLocation({ select: (location) => location.hash });
  const token = new URLSearchParams(hash).get("invite") ?? "";
  const { data, error, isLoading } = useQuery(invitationQuery(token));
  return { token, isChecking: isLoading, found: data, error };
}
