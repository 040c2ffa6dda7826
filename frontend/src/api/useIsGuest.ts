import { skipToken, useQuery } from "@tanstack/react-query";
import type { Profile } from "./client";
import { keys } from "./keys";

/** Whether the visitor is known to have no session. */
export function useIsGuest(): boolean {
  return useQuery<Profile | null>({ queryKey: keys.profile, queryFn: skipToken }).data === null;
}
