import { useQuery } from "@tanstack/react-query";
import { profileQuery } from "@/features/account/session";
import { AppShell } from "./AppShell";
import { GuestFrame } from "./GuestFrame";

/** The frame of the pages behind the sign-in, and of those that guests may read, too. Crawlers that
 * may not ask for a profile are guests.
 */
export function Frame() {
  const { data: profile, isLoadingError } = useQuery(profileQuery);
  return profile === null || isLoadingError ? <GuestFrame /> : <AppShell />;
}
