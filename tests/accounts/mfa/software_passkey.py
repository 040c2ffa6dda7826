"""A passkey in software (WebAuthn Level 3): what a browser and a device answer together, with each
part that a test may get wrong.
"""

import hashlib
import json
import struct
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
HOST = "testserver"
_numbers = count(1)


class Passkey:
    """`counter` is what the next answer says; None: it has none. `verified`: it has checked who
    holds it.
    """

    def __init__(self, *, counter: int | None = None, verified: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public_key = dict(ES256.from_cryptography_key(self.key.public_key()))
        self.id = next(_numbers).to_bytes(32, "big")
        self.counter, self.verified = counter, verified
        self.host, self.origin = HOST, f"https://{HOST}"
        self.user_handle = ""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `creation_options`."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        public = cbor.encode(self.public_key)
        credential = b"\0" * 16 + struct.pack(">H", len(self.id)) + self.id + public
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(ATTESTED) + credential,
        }
        return {
            **self._about(),
            "response": {
                "clientDataJSON": self._client_data("webauthn.create", asked["challenge"]),
                "attestationObject": websafe_encode(cbor.encode(attestation)),
            },
            "clientExtensionResults": {"credProps": {"rk": True}},
        }

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `request_options`."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(0)
        digest = hashlib.sha256(websafe_decode(client_data)).digest()
        return {
            **self._about(),
            "response": {
                "clientDataJSON": client_data,
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(self.key.sign(data + digest, ec.ECDSA(SHA256()))),
                "userHandle": self.user_handle,
            },
            "clientExtensionResults": {},
        }

    def _about(self) -> dict[str, str]:
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key"}

    def _data(self, flags: int) -> bytes:
        counter = self.counter or 0
        if self.counter is not None:
            self.counter += 1
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, counter)

    def _client_data(self, kind: str, challenge: str) -> str:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return websafe_encode(json.dumps(said).encode())
