/** Passkeys: between the JSON that servers speak (WebAuthn Level 3, section 5.1) and the browser's
 * own objects. By hand, because extensions of password managers often lack `toJSON`, and browsers
 * from before 2025 `parseCreationOptionsFromJSON`.
 */
import { ApiError, problemOf } from "@/api/apiError";

type Json = { [name: string]: unknown };
interface Descriptor extends Json {
  id: string;
}
export interface CreationOptions extends Json {
  challenge: string;
  user: Json & { id: string };
  excludeCredentials?: Descriptor[];
}
export interface RequestOptions extends Json {
  challenge: string;
  allowCredentials?: Descriptor[];
}

/** Whether this browser has passkeys: it needs a secure page, too. */
export function hasPasskeys(): boolean {
  return "PublicKeyCredential" in globalThis && navigator.credentials !== undefined;
}

/** Base64url without padding (RFC 4648, section 5). */
export function toBase64Url(buffer: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromBase64Url(text: string): ArrayBuffer {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0)).buffer;
}

/** Makes a passkey on the user's device. Throws an `ApiError`: `passkey_cancelled` also after the
 * browser's time limit, `passkey_known` if the device has one for this account, `passkey_failed`.
 */
export async function createPasskey(options: CreationOptions): Promise<Json> {
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge),
    user: { ...options.user, id: fromBase64Url(options.user.id) },
    excludeCredentials: options.excludeCredentials?.map(descriptor) ?? [],
  };
  // The rest of the members are the same in both.
  const created = await ask(() => navigator.credentials.create({ publicKey: publicKey as never }));
  return credentialJson(created);
}

/** Signs the server's challenge with a passkey. Throws as `createPasskey` does. */
export async function signWithPasskey(options: RequestOptions): Promise<Json> {
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge),
    allowCredentials: options.allowCredentials?.map(descriptor) ?? [],
  };
  return credentialJson(
    await ask(() => navigator.credentials.get({ publicKey: publicKey as never })),
  );
}

function descriptor(found: Descriptor) {
  return { ...found, id: fromBase64Url(found.id) };
}

async function ask(call: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await call();
    if (credential) return credential as PublicKeyCredential;
  } catch (thrown) {
    const name = thrown instanceof DOMException ? thrown.name : "";
    if (name === "InvalidStateError") throw new ApiError(problemOf("passkey_known"));
    if (!["NotAllowedError", "AbortError"].includes(name))
      throw new ApiError(problemOf("passkey_failed"));
  }
  throw new ApiError(problemOf("passkey_cancelled"));
}

const BUFFERS = [
  "clientDataJSON",
  "attestationObject",
  "authenticatorData",
  "signature",
  "userHandle",
] as const;

/** A credential as the server takes it. */
export function credentialJson(credential: PublicKeyCredential): Json {
  // A registration or an assertion: each has some of these.
  const parts = credential.response as unknown as Partial<Record<string, ArrayBuffer | null>>;
  const response: Json = {};
  for (const name of BUFFERS) {
    const part = parts[name];
    if (part) response[name] = toBase64Url(part);
  }
  return {
    id: credential.id,
    rawId: toBase64Url(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
    ...(credential.authenticatorAttachment && {
      authenticatorAttachment: credential.authenticatorAttachment,
    }),
  };
}
