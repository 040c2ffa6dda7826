import { afterEach, expect, it, vi } from "vitest";
import {
  createPasskey,
  credentialJson,
  fromBase64Url,
  hasPasskeys,
  signWithPasskey,
  toBase64Url,
} from "./webauthn";

const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

// The first ones are RFC 4648's own (section 10), without their padding.
it.each([
  ["", []],
  ["Zg", [102]],
  ["Zm8", [102, 111]],
  ["Zm9v", [102, 111, 111]],
  ["Zm9vYmFy", [102, 111, 111, 98, 97, 114]],
  ["-_-_", [251, 255, 191]],
  ["AAD_", [0, 0, 255]],
])("%j is base64url of %j", (text, values) => {
  expect(toBase64Url(bytes(...values))).toBe(text);
  expect([...new Uint8Array(fromBase64Url(text))]).toEqual(values);
});

it("takes padding, too", () => {
  expect([...new Uint8Array(fromBase64Url("Zg=="))]).toEqual([102]);
});

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, "credentials");
});

/** A browser whose device answers with `answer`, or fails with it. Returns what it was asked for. */
function browserWith(answer: unknown): Record<string, unknown>[] {
  const asked: Record<string, unknown>[] = [];
  const respond = async (options: Record<string, unknown>) => {
    asked.push(options);
    if (answer instanceof DOMException) throw answer;
    return answer;
  };
  vi.stubGlobal("PublicKeyCredential", class {});
  const credentials = { create: respond, get: respond };
  Object.defineProperty(navigator, "credentials", { value: credentials, configurable: true });
  return asked;
}

const assertion = {
  id: "Zm9v",
  rawId: bytes(102, 111, 111),
  type: "public-key",
  authenticatorAttachment: "platform",
  getClientExtensionResults: () => ({}),
  response: {
    clientDataJSON: bytes(123, 125),
    authenticatorData: bytes(1),
    signature: bytes(2),
    userHandle: null,
  },
};
const assertionJson = {
  id: "Zm9v",
  rawId: "Zm9v",
  type: "public-key",
  authenticatorAttachment: "platform",
  clientExtensionResults: {},
  response: { clientDataJSON: "e30", authenticatorData: "AQ", signature: "Ag" },
};

it("signs a challenge", async () => {
  const asked = browserWith(assertion);
  const options = {
    challenge: "Zm9v",
    rpId: "localhost",
    userVerification: "required",
    allowCredentials: [{ type: "public-key", id: "AQ" }],
  };
  expect(await signWithPasskey(options)).toEqual(assertionJson);
  expect(asked).toEqual([
    {
      publicKey: {
        challenge: bytes(102, 111, 111),
        rpId: "localhost",
        userVerification: "required",
        allowCredentials: [{ type: "public-key", id: bytes(1) }],
      },
    },
  ]);
});

it("makes a passkey", async () => {
  const asked = browserWith({
    ...assertion,
    authenticatorAttachment: null,
    getClientExtensionResults: () => ({ credProps: { rk: true } }),
    response: { clientDataJSON: bytes(123, 125), attestationObject: bytes(3) },
  });
  const made = await createPasskey({ challenge: "AQ", user: { id: "Ag", name: "alice" } });
  const { authenticatorAttachment: _, ...rest } = assertionJson;
  expect(made).toEqual({
    ...rest,
    clientExtensionResults: { credProps: { rk: true } },
    response: { clientDataJSON: "e30", attestationObject: "Aw" },
  });
  expect(asked).toEqual([
    {
      publicKey: {
        challenge: bytes(1),
        user: { id: bytes(2), name: "alice" },
        excludeCredentials: [],
      },
    },
  ]);
});

it("keeps the user's handle, by which the server finds the account", () => {
  const response = { ...assertion.response, userHandle: bytes(49) };
  const json = credentialJson({ ...assertion, response } as never);
  expect(json.response).toMatchObject({ userHandle: "MQ" });
});

it.each([
  ["NotAllowedError", "passkey_cancelled"],
  ["AbortError", "passkey_cancelled"],
  ["InvalidStateError", "passkey_known"],
  ["SecurityError", "passkey_failed"],
  ["NotSupportedError", "passkey_failed"],
])("a %s of the browser is %s", async (name, code) => {
  browserWith(new DOMException("", name));
  await expect(signWithPasskey({ challenge: "AQ" })).rejects.toMatchObject({ code });
});

it("no credential is a cancelled one", async () => {
  browserWith(null);
  await expect(signWithPasskey({ challenge: "AQ" })).rejects.toMatchObject({
    code: "passkey_cancelled",
  });
});

it("knows whether the browser has passkeys", () => {
  expect(hasPasskeys()).toBe(false);
  browserWith(null);
  expect(hasPasskeys()).toBe(true);
});
