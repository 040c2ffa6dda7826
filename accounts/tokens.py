"""Pairs of access and refresh tokens: issuing, renewing and ending them.

A refresh token is valid while simplejwt's `OutstandingToken` has a row for it. Renewing updates the
row for the next token, and signing out deletes it. So an account has one row per device, at most
`MAX_REFRESH_TOKENS`, however often it renews.

Access tokens are checked on each request in `authentication`. They end early by a row in
`RevokedToken`, a changed password (each carries `User.token_stamp`), or the account's end.
"""

import re
import time
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, BlacklistMixin, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from accounts.addresses.ownership import is_usable
from accounts.models import RevokedToken, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Access tokens whose signature this process has verified, by their digest: a program sends the same
# one with each request for a quarter of an hour. A lookup takes 2 µs, verifying 130.
_MOST_VERIFIED = 10_000
_OWNER = api_settings.USER_ID_CLAIM
_CLAIM_PATTERNS = {
    _OWNER: re.compile("[1-9][0-9]{0,18}"),
    api_settings.JTI_CLAIM: re.compile("[0-9a-f]{32}"),
    api_settings.REVOKE_TOKEN_CLAIM: re.compile("[0-9A-F]{32}"),
}
_MAX_KEY = 2**63 - 1
_LAST_EXPIRY = 2**35  # seconds, in the year 3058; later ones overflow date arithmetic
_verified: dict[bytes, Token] = {}

LEEWAY = cast("timedelta", api_settings.LEEWAY).total_seconds()
# Devices of an account that stay signed in; the least recently renewed is signed out first.
MAX_REFRESH_TOKENS = 50
_EXPIRED_AT_ONCE = 100  # expired rows deleted whenever one is written

AnyToken = TypeVar("AnyToken", bound=Token)


class TokenPair(TypedDict):
    access: str
    refresh: str


class InvalidToken(AuthenticationFailed):
    default_detail = _("The token is invalid or no longer valid.")
    default_code = "token_not_valid"


class StrictClaims(Token):
    """A token whose claims have the types and formats that this server issues. simplejwt checks
    only that they exist before it uses them, also in queries.
    """

    def verify(self) -> None:
        claims = self.payload
        texts_are_right = all(
            isinstance(claims.get(name), str) and shape.fullmatch(claims[name])
            for name, shape in _CLAIM_PATTERNS.items()
        )
        exp = claims.get("exp")
        is_well_formed = (
            texts_are_right
            and int(claims[_OWNER]) <= _MAX_KEY
            and (type(exp) is int and 0 < exp < _LAST_EXPIRY)
            and claims.get("aud") == api_settings.AUDIENCE
        )
        if not is_well_formed:
            raise TokenError
        super().verify()


class Access(StrictClaims, AccessToken):
    pass


class Refresh(StrictClaims, RefreshToken):
    """simplejwt stores each refresh token in plain text and lists the spent ones. Here only the ids
    of unspent ones are stored.
    """

    access_token_class = Access

    @classmethod
    def unsaved_for(cls, user: User) -> "Refresh":
        """Not valid until `OutstandingToken` has a row for it."""
        token = super(BlacklistMixin, cls).for_user(user)
        token[api_settings.REVOKE_TOKEN_CLAIM] = user.token_stamp()
        return token

    @classmethod
    def for_user(cls, user: User) -> "Refresh":  # type: ignore[override]
        refresh = cls.unsaved_for(user)
        OutstandingToken.objects.create(user=user, **refresh.outstanding_fields())
        _delete_oldest_beyond(user, MAX_REFRESH_TOKENS)
        return refresh

    def outstanding_fields(self) -> dict[str, Any]:
        """The fields of its `OutstandingToken`."""
        return {
            "jti": self[api_settings.JTI_CLAIM],
            "created_at": self.current_time,
            "expires_at": datetime_from_epoch(self["exp"]),
        }

    def check_blacklist(self) -> None:
        if not self.outstanding().exists():
            raise TokenError

    def outstanding(self) -> "QuerySet[OutstandingToken]":
        return OutstandingToken.objects.filter(jti=self[api_settings.JTI_CLAIM])


class PossiblySpentRefresh(Refresh):
    def check_blacklist(self) -> None:
        """Signing out twice is no error."""


def issue(user: User) -> TokenPair:
    return _pair(Refresh.for_user(user))


def _pair(refresh: Refresh) -> TokenPair:
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


def _delete_oldest_beyond(user: User, most: int) -> None:
    own = OutstandingToken.objects.filter(user=user).order_by("-created_at", "-pk")
    if beyond := list(own.values_list("pk", flat=True)[most:]):
        OutstandingToken.objects.filter(pk__in=beyond).delete()


def read(kind: type[AnyToken], raw: str) -> AnyToken:
    """The token, if its signature, algorithm, issuer, audience, type and times are valid. Its owner
    is not checked (see `is_current`).

    Raises `InvalidToken`.
    """
    digest = sha256(raw.encode("utf-8", "surrogatepass")).digest() if kind is Access else b""
    known = _verified.get(digest)
    if known and known["exp"] + LEEWAY > time.time():
        return cast("AnyToken", known)
    try:
        token = kind(raw)  # type: ignore[arg-type]
    except (TokenError, RecursionError, TypeError, ValueError, OverflowError) as error:
        # PyJWT and simplejwt calculate with claims of any type, and recurse into nested ones.
        raise InvalidToken from error
    if digest:
        if len(_verified) >= _MOST_VERIFIED:
            _verified.clear()
        _verified[digest] = token
    return token


def is_current(token: Token, user: User) -> bool:
    """Whether the password has not changed since the token was issued."""
    return bool(token.get(api_settings.REVOKE_TOKEN_CLAIM) == user.token_stamp())


def renew(refresh: Refresh, *, owner: User) -> TokenPair:
    """A new pair for a refresh token, which it spends. Of two concurrent renewals one succeeds.

    Raises `InvalidToken`.
    """
    following = Refresh.unsaved_for(owner)
    if not refresh.outstanding().update(**following.outstanding_fields()):
        raise InvalidToken
    return _pair(following)


def owner_of_refresh(refresh: RefreshToken) -> User:
    user = User.objects.filter(pk=refresh[_OWNER], is_active=True).first()
    if user is None or not is_current(refresh, user) or not is_usable(user):
        raise InvalidToken
    return user


def end_refresh(raw: str) -> None:
    """Raises `InvalidToken` unless this server issued it; spent and expired ones are accepted."""
    try:
        read(PossiblySpentRefresh, raw).outstanding().delete()
    except InvalidToken as error:
        if not isinstance(error.__cause__, ExpiredTokenError):
            raise


def end_access(token: Access) -> None:
    row = RevokedToken(
        jti=token[api_settings.JTI_CLAIM], expires_at=datetime_from_epoch(token["exp"])
    )
    RevokedToken.objects.bulk_create([row], ignore_conflicts=True)
    # An expired token is still accepted within the leeway, so its row must stay that long.
    past = timezone.now() - api_settings.LEEWAY
    expired = RevokedToken.objects.filter(expires_at__lte=past)
    if old := list(expired.values_list("pk", flat=True)[:_EXPIRED_AT_ONCE]):
        RevokedToken.objects.filter(pk__in=old).delete()
