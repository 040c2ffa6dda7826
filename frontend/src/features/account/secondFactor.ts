/** The calls of allauth's API about second factors: confirming, signing in, and managing them. */
import { queryOptions } from "@tanstack/react-query";
import { ApiError, asApiError, type FactorType, type Flow, problemOf } from "@/api/apiError";
import { allauth } from "@/api/client";
import { keys } from "@/api/keys";
import { finishSignIn, type SignedIn, waitingFactorFlow } from "./session";
import {
  type CreationOptions,
  createPasskey,
  type RequestOptions,
  signWithPasskey,
} from "./webauthn";

/** A way to show who you are. */
export type Way = "password" | FactorType;

/** The ways of a flow, the most usual first. */
export function waysOf(flows: Flow[], factorFlow: string): Way[] {
  const types = flows.find(({ id }) => id === factorFlow)?.types ?? [];
  const order: FactorType[] = ["totp", "webauthn", "recovery_codes"];
  const factors = order.filter((type) => types.includes(type));
  return flows.some(({ id }) => id === "reauthenticate") ? ["password", ...factors] : factors;
}

/** Confirms that it is the signed-in user. Throws an `ApiError`. */
export async function confirm(way: Way, secret: string): Promise<void> {
  if (way === "password") await allauth("POST", "auth/reauthenticate", { password: secret });
  else if (way === "webauthn")
    await signedChallenge(
      () => allauth("GET", "auth/webauthn/reauthenticate"),
      (credential) => allauth("POST", "auth/webauthn/reauthenticate", { credential }),
    );
  else await allauth("POST", "auth/2fa/reauthenticate", { code: secret });
}

/** Goes on with a sign-in that waits for a second factor. Throws an `ApiError`; its status is 401 if
 * none waits (any more).
 */
export async function signInByFactor(way: Way, secret: string): Promise<void> {
  if (way === "webauthn")
    await signedChallenge(
      () => allauth("GET", "auth/webauthn/authenticate"),
      (credential) => allauth("POST", "auth/webauthn/authenticate", { credential }),
    );
  else await allauth("POST", "auth/2fa/authenticate", { code: secret });
  await finishSignIn({ status: 200, body: null });
}

/** Signs in with a passkey and no password. Throws an `ApiError`. */
export async function signInByPasskey(): Promise<SignedIn> {
  return finishSignIn(
    await signedChallenge(
      () => allauth("GET", "auth/webauthn/login"),
      (credential) => allauth("POST", "auth/webauthn/login", { credential }, 401),
    ),
  );
}

type Answer = Awaited<ReturnType<typeof allauth>>;

/** Throws `passkey_unknown` if the server does not take this passkey: it was removed there, or is of
 * another account.
 */
async function signedChallenge(
  begin: () => Promise<Answer>,
  finish: (credential: unknown) => Promise<Answer>,
): Promise<Answer> {
  const { body } = await begin();
  const { data } = body as { data: { request_options: { publicKey: RequestOptions } } };
  const credential = await signWithPasskey(data.request_options.publicKey);
  try {
    return await finish(credential);
  } catch (thrown) {
    const isUnknown = asApiError(thrown).fields.credential !== undefined;
    throw isUnknown ? new ApiError(problemOf("passkey_unknown", 400)) : thrown;
  }
}

/** The types of second factors that a waiting sign-in takes; null if no sign-in waits for one. */
export async function waitingFactors(): Promise<Way[] | null> {
  const { body } = await allauth("GET", "auth/session", undefined, 401, 410);
  const flow = waitingFactorFlow(body);
  return flow ? waysOf([flow], "mfa_authenticate") : null;
}

interface Times {
  /** Seconds since 1970. */
  created_at: number;
  last_used_at: number | null;
}
export interface Totp extends Times {
  type: "totp";
}
export interface RecoveryCodes extends Times {
  type: "recovery_codes";
  total_code_count: number;
  unused_code_count: number;
}
export interface Passkey extends Times {
  type: "webauthn";
  id: number;
  name: string;
  is_passwordless?: boolean;
}
export type Authenticator = Totp | RecoveryCodes | Passkey;

export const authenticatorsQuery = queryOptions({
  queryKey: keys.authenticators,
  queryFn: async (): Promise<Authenticator[]> => {
    const { body } = await allauth("GET", "account/authenticators");
    return (body as { data: Authenticator[] }).data;
  },
});

/** What an authenticator app needs. `totp_svg` is the QR code. */
export interface TotpSetUp {
  secret: string;
  totp_url: string;
  totp_svg?: string;
}

/** A new secret; null if the user has an authenticator app already. */
export async function beginTotp(): Promise<TotpSetUp | null> {
  const { status, body } = await allauth("GET", "account/authenticators/totp", undefined, 404);
  return status === 404 ? (body as { meta: TotpSetUp }).meta : null;
}

export async function activateTotp(code: string): Promise<void> {
  await allauth("POST", "account/authenticators/totp", { code });
}

export async function removeTotp(): Promise<void> {
  await allauth("DELETE", "account/authenticators/totp");
}

/** The codes that are left, which the server shows once; null afterwards. */
export async function newRecoveryCodes(): Promise<string[] | null> {
  const { body } = await allauth("GET", "account/authenticators/recovery-codes", undefined, 404);
  return codesIn(body);
}

/** Makes new codes; the old ones end. */
export async function replaceRecoveryCodes(): Promise<string[] | null> {
  const { body } = await allauth("POST", "account/authenticators/recovery-codes", {});
  return codesIn(body);
}

function codesIn(body: unknown): string[] | null {
  return (body as { data?: { unused_codes?: string[] } } | null)?.data?.unused_codes ?? null;
}

/** The options of a new passkey that can sign in without a password. The server wants a fresh
 * sign-in for them.
 */
export async function beginPasskey(): Promise<CreationOptions> {
  const { body } = await allauth("GET", "account/authenticators/webauthn?passwordless");
  const { data } = body as { data: { creation_options: { publicKey: CreationOptions } } };
  return data.creation_options.publicKey;
}

/** Makes the passkey and stores it under the name. Whether the server made recovery codes, too. */
export async function addPasskey(name: string, options: CreationOptions): Promise<boolean> {
  const credential = await createPasskey(options);
  const { body } = await allauth("POST", "account/authenticators/webauthn", { name, credential });
  const { meta } = body as { meta?: { recovery_codes_generated?: boolean } };
  return meta?.recovery_codes_generated === true;
}

export async function renamePasskey(id: number, name: string): Promise<void> {
  await allauth("PUT", "account/authenticators/webauthn", { id, name });
}

export async function removePasskey(id: number): Promise<void> {
  await allauth("DELETE", "account/authenticators/webauthn", { authenticators: [id] });
}
