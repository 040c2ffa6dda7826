"""An OpenID provider (Core 1.0, Discovery 1.0), which is Google's wire, too: id_tokens are signed
with RS256, and `claims_in` chooses where the address is told.
"""

import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.providers.server import CLIENT_ID, Asked, Granted, Provider, Reply

PROFILE = ("nickname", "name", "preferred_username", "email", "email_verified")


@cache
def key(name: str = "first") -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OpenID(Provider):
    AUTHORIZE, TOKEN, ME, KEYS = "/authorize", "/token", "/userinfo", "/jwks"
    DISCOVERY = "/.well-known/openid-configuration"

    def __init__(self) -> None:
        super().__init__()
        self.person = {
            "sub": "248289761001",
            "name": "Jane Doe",
            "email": "jane@example.com",
            "email_verified": True,
        }
        self.claims_in = "id_token"
        self.changed: dict[str, Any] = {}  # claims of the id_token; None: left out
        self.signed_with, self.kid, self.algorithm = key(), "first", "RS256"
        self.document: dict[str, Any] = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}{self.AUTHORIZE}",
            "token_endpoint": f"{self.url}{self.TOKEN}",
            "userinfo_endpoint": f"{self.url}{self.ME}",
            "jwks_uri": f"{self.url}{self.KEYS}",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }
        self.published = {"first": key()}

    def token_body(self, granted: Granted) -> dict[str, Any]:
        return {**super().token_body(granted), "id_token": self.id_token(granted)}

    def id_token(self, granted: Granted) -> str:
        now, person = int(time.time()), granted.person
        told = PROFILE if self.claims_in == "id_token" else ()
        claims = {
            "iss": self.url,
            "sub": person.get("sub"),
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": granted.fields.get("nonce"),
            **{name: person[name] for name in told if name in person},
            **self.changed,
        }
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(
            given, self.signed_with, algorithm=self.algorithm, headers={"kid": self.kid}
        )

    def resource(self, asked: Asked) -> Reply:
        if asked.path == self.DISCOVERY:
            return Reply(200, self.document)
        if asked.path == self.KEYS:
            return Reply(200, {"keys": [self._jwk(kid) for kid in self.published]})
        person = self.person_of(asked)
        if asked.path != self.ME or person is None:
            return Reply(401, {"error": "invalid_token"})
        return Reply(200, {name: person[name] for name in ("sub", *PROFILE) if name in person})

    def _jwk(self, kid: str) -> dict[str, Any]:
        public = self.published[kid].public_key()
        shown = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        return {**shown, "kid": kid, "use": "sig", "alg": "RS256"}


class Google(OpenID):
    """Google tells the name and the address in the id_token."""
