/** The providers that are connected, by which the user can sign in. */
import { queryOptions } from "@tanstack/react-query";
import { allauth } from "@/api/client";
import { keys } from "@/api/keys";
import type { Provider } from "./providers";

export interface Connection {
  provider: Provider;
  /** The user's id at the provider. */
  uid: string;
  /** What the provider calls the account: a name or an address, "" if unknown. */
  display: string;
  since: string | null;
}

interface Account {
  uid: string;
  provider: Provider;
  display: string;
  connected_at?: string;
}

function connectionsOf(body: unknown): Connection[] {
  const { data } = body as { data: Account[] };
  return data.map(({ uid, provider, display, connected_at }) => ({
    uid,
    provider,
    display: [uid, provider.name].includes(display) ? "" : display,
    since: connected_at ?? null,
  }));
}

export const connectionsQuery = queryOptions({
  queryKey: keys.connections,
  queryFn: async () => connectionsOf((await allauth("GET", "account/providers")).body),
});

/** Returns what is still connected. Throws an `ApiError`. */
export async function disconnect({ provider, uid }: Connection): Promise<Connection[]> {
  const fields = { provider: provider.id, account: uid };
  return connectionsOf((await allauth("DELETE", "account/providers", fields)).body);
}

/** Throws an `ApiError` if this provider cannot be connected now, as without a fresh sign-in. Asked
 * before the browser leaves the page, on which the user can confirm.
 */
export async function checkConnecting({ id }: Provider): Promise<void> {
  await allauth("POST", "account/providers", { provider: id });
}
