"""Tokens of programs: a pair is issued, renewed by its refresh token, and ended.

Access tokens are checked at each request in `authentication`; what ends them early is a row in
`RevokedToken`, a changed password (each carries a digest of it), or the end of the account.
"""

import time
from hashlib import sha256
from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, BlacklistMixin, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch, get_md5_hash_password

from accounts.models import RevokedToken, User

if TYPE_CHECKING:
    from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

# Access tokens whose signature was checked in this process, by their digest: a program sends the
# same one with each request of its quarter of an hour.
_MOST_VERIFIED = 10_000
_verified: dict[bytes, Token] = {}

AnyToken = TypeVar("AnyToken", bound=Token)


class TokenPair(TypedDict):
    access: str
    refresh: str


class InvalidToken(AuthenticationFailed):
    default_detail = _("The token is not valid, or no longer.")
    default_code = "token_not_valid"


class Refresh(RefreshToken):
    """simplejwt keeps a copy of each refresh token, readable, from the start. Ours come into the
    database only when they are spent.
    """

    @classmethod
    def for_user(cls, user: User) -> "Refresh":  # type: ignore[override]
        return super(BlacklistMixin, cls).for_user(user)


class SpentOrNot(RefreshToken):
    def check_blacklist(self) -> None:
        """Leaving twice is no error."""


def issue(user: User) -> TokenPair:
    refresh = Refresh.for_user(user)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


def read(kind: type[AnyToken], raw: str) -> AnyToken:
    """The token, if its signature, algorithm, issuer, audience, kind and times are right.

    Raises `InvalidToken`. Whether its owner is still there is another question (`is_current`).
    """
    digest = sha256(raw.encode("utf-8", "surrogatepass")).digest() if kind is AccessToken else b""
    known = _verified.get(digest)
    if known and known["exp"] > time.time():
        return cast("AnyToken", known)
    try:
        token = kind(raw)  # type: ignore[arg-type]
    except (TokenError, RecursionError) as error:  # a header of nothing but brackets recurses
        raise InvalidToken from error
    if not str(token.get(api_settings.USER_ID_CLAIM)).isdecimal():
        raise InvalidToken
    if digest:
        if len(_verified) >= _MOST_VERIFIED:
            _verified.clear()
        _verified[digest] = token
    return token


def is_current(token: Token, *, password: str) -> bool:
    """Whether the (hashed) password is still the one with which the token was issued."""
    digest = token.get(api_settings.REVOKE_TOKEN_CLAIM)
    return bool(digest == get_md5_hash_password(password))


def renew(raw: str) -> TokenPair:
    """A new pair for a refresh token, which is spent by it: of two at once, one gets a pair.

    Raises `InvalidToken`.
    """
    refresh = read(Refresh, raw)
    user = owner_of_refresh(refresh)
    _row, is_first = cast("tuple[BlacklistedToken, bool]", refresh.blacklist())
    if not is_first:
        raise InvalidToken
    return issue(user)


def owner_of_refresh(refresh: RefreshToken) -> User:
    user = User.objects.filter(pk=refresh[api_settings.USER_ID_CLAIM], is_active=True).first()
    if user is None or not is_current(refresh, password=user.password):
        raise InvalidToken
    return user


def end_refresh(raw: str) -> None:
    """Raises `InvalidToken` for what was never ours; spent and expired ones are at their end."""
    try:
        SpentOrNot(raw).blacklist()  # type: ignore[arg-type]
    except ExpiredTokenError:
        return
    except (TokenError, RecursionError) as error:
        raise InvalidToken from error


def end_access(token: AccessToken) -> None:
    row = RevokedToken(
        jti=token[api_settings.JTI_CLAIM], expires_at=datetime_from_epoch(token["exp"])
    )
    RevokedToken.objects.bulk_create([row], ignore_conflicts=True)
