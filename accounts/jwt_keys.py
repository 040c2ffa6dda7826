"""Signing and verifying JWTs with the keys of JWT_SIGNING_KEYS: the first one signs, and the header
`kid` names the one that verifies.

A token without `kid` is one of the release before, which signed with SECRET_KEY and knew no
families. It is accepted until it ends, with SECRET_KEY or one of its fallbacks, for one release.
"""

from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from jwt.exceptions import ExpiredSignatureError, InvalidSignatureError, InvalidTokenError
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings

FAMILY_CLAIM = "sid"


class KeyRing(TokenBackend):
    """simplejwt's backend, with several keys. The algorithm is fixed. Of a token's header only
    `kid` is used, and only to choose among the server's own keys.
    """

    def __init__(self, *, may_be_expired: bool) -> None:
        super().__init__(
            api_settings.ALGORITHM,
            audience=api_settings.AUDIENCE,
            issuer=api_settings.ISSUER,
            leeway=api_settings.LEEWAY,
        )
        self._options = {"verify_exp": not may_be_expired}

    def encode(self, payload: dict[str, Any]) -> str:
        kid, key = settings.JWT_SIGNING_KEYS[0]
        claims = {**payload, "aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": kid})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002 - simplejwt's signature
        """The claims. Raises `TokenBackendError`, of which `TokenBackendExpiredToken` is one."""
        try:
            return self._verified(token)
        except ExpiredSignatureError as error:
            raise TokenBackendExpiredToken from error
        except InvalidTokenError as error:
            raise TokenBackendError from error

    def _verified(self, raw: Any) -> dict[str, Any]:
        header = jwt.get_unverified_header(raw)
        *others, last = _keys_for(header)
        for key in others:
            try:
                return self._read(raw, key, header)
            except InvalidSignatureError:
                continue
        return self._read(raw, last, header)

    def _read(self, raw: Any, key: str, header: dict[str, Any]) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            raw,
            key,
            algorithms=[self.algorithm],
            audience=self.audience,
            issuer=self.issuer,
            leeway=self.get_leeway(),
            options=self._options,  # type: ignore[arg-type]
        )
        if ("kid" in header) != (FAMILY_CLAIM in claims):
            raise InvalidTokenError
        return claims


def _keys_for(header: dict[str, Any]) -> list[str]:
    if "kid" not in header:
        return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    key = dict(settings.JWT_SIGNING_KEYS).get(header["kid"])
    if key is None:
        raise InvalidTokenError
    return [key]


@lru_cache
def key_ring(*, may_be_expired: bool = False) -> KeyRing:
    return KeyRing(may_be_expired=may_be_expired)
