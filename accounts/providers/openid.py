"""OpenID Connect (Core 1.0, Discovery 1.0): any provider of it, and Google.

The endpoints and keys come from the issuer's discovery document. An id_token counts only with a
valid signature, issuer, audience, time and nonce, also where it came by TLS.
"""

import hmac
from typing import Any, ClassVar

import jwt
from allauth.socialaccount.providers.google.provider import GoogleProvider
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.core.cache import cache

from accounts.providers import wire
from accounts.providers.errors import ProviderFailed
from accounts.providers.identity import Identity, identity, subject
from accounts.providers.oauth import Adapter, Provider, State, Tokens
from config.providers import is_safe

GOOGLE = "https://accounts.google.com"
KEPT = 300  # seconds that discovery documents and keys are kept
LEEWAY = 60  # seconds by which clocks may differ
# A shared secret (HS256) or none would let whoever has it, or anybody, sign.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)


class OpenIDAdapter(Adapter):
    """`base_url` is the issuer."""

    @property
    def issuer(self) -> str:
        return self.base_url

    @property
    def issuers(self) -> list[str]:
        """The names by which the issuer calls itself in an id_token."""
        return [self.issuer]

    @property
    def document(self) -> dict[str, Any]:
        """The issuer's discovery document. Raises `ProviderFailed`."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = _kept(url)
        if found.get("issuer") != self.issuer:
            raise ProviderFailed("discovery: another issuer")
        return found

    @property
    def authorize_url(self) -> str:
        return self._endpoint("authorization_endpoint")

    @property
    def access_token_url(self) -> str:
        return self._endpoint("token_endpoint")

    @property
    def basic_auth(self) -> bool:
        """Without a list of methods, the specification means this one."""
        methods = self.document.get("token_endpoint_auth_methods_supported")
        return not isinstance(methods, list) or "client_secret_post" not in methods

    def _endpoint(self, name: str) -> str:
        url = self.document.get(name)
        if not isinstance(url, str) or not is_safe(url):
            raise ProviderFailed(f"discovery: {name}")
        return url

    def exchange(self, code: str, state: State) -> Tokens:
        """Not if the code is from another issuer (RFC 9207)."""
        said = self.request.GET.get("iss")
        must = self.document.get("authorization_response_iss_parameter_supported") is True
        if said != self.issuer and (must or said is not None):
            raise ProviderFailed("a code of another issuer")
        return super().exchange(code, state)

    def identify(self, tokens: Tokens, state: State) -> Identity:
        claims = self._verified(tokens.get("id_token"), state)
        person = claims
        if not {"email", "email_verified"} <= claims.keys() and self._has_userinfo():
            person = self._userinfo(tokens["access_token"], claims["sub"])
        if "email" not in person and "email" in claims:
            person = {**person, **{k: claims.get(k) for k in ("email", "email_verified")}}
        return identity(
            self.provider_id,
            self._subject(claims["sub"]),
            email=person.get("email"),
            flags=(person.get("email_verified"),),
            nickname=self._nickname(claims, person),
        )

    def _subject(self, sub: str) -> str:
        return subject(sub, base_url=self.issuer)

    def _nickname(self, *sources: dict[str, Any]) -> object:
        names = ("nickname", "preferred_username", "name")
        found = (source.get(name) for name in names for source in sources)
        # A user name is often the address, which others must not see.
        return next((name for name in found if isinstance(name, str) and "@" not in name), None)

    def _has_userinfo(self) -> bool:
        return "userinfo_endpoint" in self.document

    def _userinfo(self, token: str, sub: str) -> dict[str, Any]:
        found = wire.get(self._endpoint("userinfo_endpoint"), token=token).object()
        if found.get("sub") != sub:  # Core 5.3.2: it could be another person's
            raise ProviderFailed("userinfo: another subject")
        return found

    def _verified(self, token: object, state: State) -> dict[str, Any]:
        """The claims of a valid id_token."""
        if not isinstance(token, str):
            raise ProviderFailed("no id_token")
        try:
            header = jwt.get_unverified_header(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key=self._key(header.get("kid"), str(header.get("alg"))),
                algorithms=[str(header.get("alg"))],
                audience=self.provider.app.client_id,
                issuer=self.issuers,
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise ProviderFailed(f"id_token: {type(error).__name__}") from error
        self._check_recipient(claims)
        self._check_nonce(claims, state)
        return claims

    def _check_recipient(self, claims: dict[str, Any]) -> None:
        """Of a token for several, or one that names its client, it must be us (Core 3.1.3.7)."""
        if claims.get("azp", self.provider.app.client_id) != self.provider.app.client_id or (
            isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims
        ):
            raise ProviderFailed("id_token: for another client")

    def _check_nonce(self, claims: dict[str, Any], state: State) -> None:
        nonce, wanted = claims.get("nonce"), state.get("nonce")
        if not isinstance(nonce, str) or not isinstance(wanted, str):
            raise ProviderFailed("id_token: no nonce")
        if not hmac.compare_digest(nonce.encode(errors="replace"), wanted.encode()):
            raise ProviderFailed("id_token: another nonce")

    def _key(self, kid: object, algorithm: str) -> jwt.PyJWK:
        """The issuer's key; asked for again where it is not among those that are kept."""
        if algorithm not in ALGORITHMS:
            raise ProviderFailed("id_token: algorithm")
        url = self._endpoint("jwks_uri")
        for afresh in (False, True):
            keys = _keys(_kept(url, afresh=afresh), algorithm)
            named = [key for key in keys if key.key_id == kid] if kid else keys
            if len(named) == 1:
                return named[0]
        raise ProviderFailed("id_token: unknown key")


def _kept(url: str, *, afresh: bool = False) -> dict[str, Any]:
    name = f"accounts.providers:{url}"
    if not afresh and isinstance(found := cache.get(name), dict):
        return found
    found = wire.get(url).object()
    cache.set(name, found, KEPT)
    return found


def _keys(document: dict[str, Any], algorithm: str) -> list[jwt.PyJWK]:
    """The keys of a JWK set with which this algorithm may have signed. Others are passed over."""
    entries = document.get("keys")
    found = []
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        if entry.get("alg", algorithm) != algorithm or entry.get("kty") == "oct":
            continue
        try:
            found.append(jwt.PyJWK(entry, algorithm=algorithm))
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
    return found


class GoogleAdapter(OpenIDAdapter):
    @property
    def issuer(self) -> str:
        return self.base_url or GOOGLE

    @property
    def issuers(self) -> list[str]:
        return [self.issuer, self.issuer.removeprefix("https://")]  # both are documented

    def _subject(self, sub: str) -> str:
        return subject(sub, base_url=self.base_url)


class OpenID(Provider, OpenIDConnectProvider):  # type: ignore[misc]
    adapter_class = OpenIDAdapter
    has_nonce = True
    confirming: ClassVar = {"prompt": "login"}


class Google(Provider, GoogleProvider):  # type: ignore[misc]
    adapter_class = GoogleAdapter
    has_nonce = True
    confirming: ClassVar = {"prompt": "select_account"}

    def get_default_scope(self) -> list[str]:
        return ["openid", "profile", "email"]
