"""Pairs of access and refresh tokens: issuing, renewing and ending them.

The tokens of one sign-in are a family (`TokenFamily`): valid while the family's row is there, and
not longer than `FAMILY_LIFETIME`. Renewing changes the row's `jti`, so the former refresh token is
spent; signing out deletes the row. Access tokens carry the family's id, too, and are checked on
each request in `authentication`. A changed password ends all: each token carries
`User.token_stamp`.

Tokens of the release before have no family. A refresh token of that time is valid while simplejwt's
`OutstandingToken` has a row for it, and its renewal begins a family with its own id.

    AuthenticationFailed
    └── InvalidToken        401
        └── SpentToken      the family is still there: somebody may have stolen the token
"""

import re
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from accounts import signals
from accounts.addresses.ownership import is_usable
from accounts.jwt_keys import FAMILY_CLAIM, KeyRing, key_ring
from accounts.models import RevokedToken, TokenFamily, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Access tokens whose signature this process has verified, by their digest: a program sends the same
# one with each request for a quarter of an hour. A lookup takes 2 µs, verifying 130.
_MOST_VERIFIED = 10_000
_OWNER, _JTI = api_settings.USER_ID_CLAIM, api_settings.JTI_CLAIM
_HEXADECIMAL = re.compile("[0-9a-f]{32}")
_CLAIM_PATTERNS = {
    _OWNER: re.compile("[1-9][0-9]{0,18}"),
    _JTI: _HEXADECIMAL,
    api_settings.REVOKE_TOKEN_CLAIM: re.compile("[0-9A-F]{32}"),
}
_MAX_KEY = 2**63 - 1
_LAST_EXPIRY = 2**35  # seconds, in the year 3058; later ones overflow date arithmetic
verified: dict[bytes, Token] = {}

LEEWAY = cast("timedelta", api_settings.LEEWAY).total_seconds()
# From the sign-in to the end of all its tokens, however often they are renewed.
FAMILY_LIFETIME = timedelta(days=30)
# Programs of an account that stay signed in; the least recently renewed is signed out first.
MAX_REFRESH_TOKENS = 50
_EXPIRED_AT_ONCE = 100  # expired rows deleted whenever one is written

AnyToken = TypeVar("AnyToken", bound=Token)


class TokenPair(TypedDict):
    access: str
    refresh: str


class InvalidToken(AuthenticationFailed):
    default_detail = _("The token is invalid or no longer valid.")
    default_code = "token_not_valid"


class SpentToken(InvalidToken):
    pass


class StrictClaims(Token):
    """A token whose claims have the types and formats that this server issues. simplejwt checks
    only that they exist before it uses them, also in queries.
    """

    def get_token_backend(self) -> KeyRing:
        return key_ring()

    def verify(self) -> None:
        claims = self.payload
        texts_are_right = all(
            isinstance(claims.get(name), str) and shape.fullmatch(claims[name])
            for name, shape in _CLAIM_PATTERNS.items()
        )
        exp, sid = claims.get("exp"), self.sid
        is_well_formed = (
            texts_are_right
            and int(claims[_OWNER]) <= _MAX_KEY
            and (type(exp) is int and 0 < exp < _LAST_EXPIRY)
            and claims.get("aud") == api_settings.AUDIENCE
            and (isinstance(sid, str) and _HEXADECIMAL.fullmatch(sid))
        )
        if not is_well_formed:
            raise TokenError
        super().verify()

    @property
    def sid(self) -> str:
        """The id of the family. A refresh token of the release before will be its family's id."""
        return cast("str", self.payload.get(FAMILY_CLAIM, self.payload.get(_JTI)))

    def end_at_latest(self, end: datetime) -> None:
        self["exp"] = min(self["exp"], int(end.timestamp()))


class Access(StrictClaims, AccessToken):
    pass


class Refresh(StrictClaims, RefreshToken):
    """simplejwt stores each refresh token in plain text and lists the spent ones. Here only the id
    of each family's unspent one is stored, and `renew` and `owner_of_refresh` look at it.
    """

    access_token_class = Access

    def check_blacklist(self) -> None:
        """Needs a query, which not every reader of a token needs."""

    @classmethod
    def for_user(cls, user: User, **known: Any) -> "Refresh":  # type: ignore[override]
        """The first token of a new family. `known`: see `issue`."""
        now = timezone.now()
        family = TokenFamily(
            user=user,
            created_at=now,
            ends_at=now + FAMILY_LIFETIME,
            **{"sid": uuid4().hex, **known},
        )
        return _begin(family)


class MaybeExpired(StrictClaims):
    """For ending tokens, which is no error after their own end."""

    def get_token_backend(self) -> KeyRing:
        return key_ring(may_be_expired=True)

    def check_exp(self, *args: Any, **kwargs: Any) -> None:
        pass


class MaybeExpiredAccess(MaybeExpired, Access):
    pass


class MaybeExpiredRefresh(MaybeExpired, Refresh):
    pass


def issue(user: User, **known: Any) -> TokenPair:
    """Begins a family. `known`: of `accounts.devices.origin_of`, and other fields of the family."""
    return _pair(Refresh.for_user(user, **known))


def _begin(family: TokenFamily) -> Refresh:
    refresh = _next_of(family)
    _set_unspent(family, refresh)
    family.save(force_insert=True)
    _end_beyond(family.user, MAX_REFRESH_TOKENS)
    return refresh


def _next_of(family: TokenFamily) -> Refresh:
    """The family's next refresh token, not valid before it is stored as the unspent one."""
    refresh = Refresh()
    refresh[_OWNER] = str(family.user.pk)
    refresh[api_settings.REVOKE_TOKEN_CLAIM] = family.user.token_stamp()
    refresh[FAMILY_CLAIM] = family.sid
    refresh.end_at_latest(family.ends_at)
    return refresh


def _unspent(refresh: Refresh) -> dict[str, Any]:
    return {
        "jti": refresh[_JTI],
        "renewed_at": refresh.current_time,
        "expires_at": datetime_from_epoch(refresh["exp"]),
    }


def _set_unspent(family: TokenFamily, refresh: Refresh) -> None:
    for name, value in _unspent(refresh).items():
        setattr(family, name, value)


def _pair(refresh: Refresh) -> TokenPair:
    access = cast("Access", refresh.access_token)
    access["exp"] = min(access["exp"], refresh["exp"])
    return {"access": str(access), "refresh": str(refresh)}


def _end_beyond(user: User, most: int) -> None:
    """Ends the families of the user that are too many, and deletes some that have expired."""
    own = TokenFamily.objects.filter(user=user)
    past = timezone.now() - cast("timedelta", api_settings.LEEWAY)
    expired = own.filter(expires_at__lte=past).values_list("pk", flat=True)
    beyond = own.order_by("-renewed_at", "-pk").values_list("pk", flat=True)
    end_families([*expired[:_EXPIRED_AT_ONCE], *beyond[most : most + _EXPIRED_AT_ONCE]])


def read(kind: type[AnyToken], raw: str) -> AnyToken:
    """The token, if its signature, algorithm, issuer, audience, type and times are valid. Whether
    its family lives, and its owner, are not checked (see `is_current`).

    Raises `InvalidToken`.
    """
    digest = sha256(raw.encode("utf-8", "surrogatepass")).digest() if kind is Access else b""
    known = verified.get(digest)
    if known and known["exp"] + LEEWAY > time.time():
        return cast("AnyToken", known)
    try:
        token = kind(raw)  # type: ignore[arg-type]
    except (TokenError, RecursionError, TypeError, ValueError, OverflowError) as error:
        # PyJWT and simplejwt calculate with claims of any type, and recurse into nested ones.
        raise InvalidToken from error
    if digest:
        if len(verified) >= _MOST_VERIFIED:
            verified.clear()
        verified[digest] = token
    return token


def is_current(token: Token, user: User) -> bool:
    """Whether the password has not changed since the token was issued."""
    return bool(token.get(api_settings.REVOKE_TOKEN_CLAIM) == user.token_stamp())


def demand_unspent(refresh: Refresh) -> None:
    """Raises `SpentToken`, or `InvalidToken` if its family has ended."""
    unspent = family_of(refresh).values_list("jti", flat=True).first()
    if unspent is not None and unspent != refresh[_JTI]:
        raise SpentToken
    if unspent is None and not _without_family(refresh).exists():
        raise InvalidToken


def family_of(token: StrictClaims) -> "QuerySet[TokenFamily]":
    return TokenFamily.objects.filter(sid=token.sid, user=token[_OWNER])


def _without_family(refresh: Refresh) -> "QuerySet[OutstandingToken]":
    """Its row, if it is an unspent token of the release before."""
    return OutstandingToken.objects.filter(jti=refresh[_JTI], user=refresh[_OWNER])


def owner_of_refresh(refresh: Refresh) -> User:
    """Raises `InvalidToken` unless the token is unspent and its owner could sign in now."""
    demand_unspent(refresh)
    user = User.objects.filter(pk=refresh[_OWNER], is_active=True).first()
    if user is None or not is_current(refresh, user) or not is_usable(user):
        raise InvalidToken
    return user


def renew(refresh: Refresh, *, owner: User, **origin: Any) -> TokenPair:
    """The family's next pair. Of two concurrent renewals one succeeds.

    Raises `SpentToken` or `InvalidToken`.
    """
    family = family_of(refresh).first()
    if family is None:
        return _pair(_adopt(refresh, owner, **origin))
    family.user = owner
    following = _next_of(family)
    unspent = family_of(refresh).filter(jti=refresh[_JTI], ends_at__gt=timezone.now())
    if not unspent.update(**_unspent(following)):
        demand_unspent(refresh)
        raise InvalidToken  # the family's own end, within the leeway
    return _pair(following)


def _adopt(refresh: Refresh, owner: User, **origin: Any) -> Refresh:
    """Begins the family of a token of the release before."""
    now = timezone.now()
    with transaction.atomic():
        deleted, _rows = _without_family(refresh).delete()
        if not deleted:
            raise InvalidToken
        end = now + FAMILY_LIFETIME
        return _begin(TokenFamily(sid=refresh.sid, user=owner, ends_at=end, **origin))


def end_families(sids: Iterable[str]) -> list[tuple[str, int]]:
    """Ends all tokens of these families, and the streams that they have opened. Returns the ids
    of those that were there, and of their users.
    """
    ended = list(TokenFamily.objects.filter(pk__in=list(sids)).values_list("pk", "user_id"))
    ended = [one for one in ended if TokenFamily.objects.filter(pk=one[0]).delete()[0]]
    for sid, user_id in ended:
        signals.end_session(user_id, sid)
    return ended


def end_family_of(token: StrictClaims) -> User | None:
    """Ends the family of a token; returns its user if it was there."""
    ended = end_families(family_of(token).values_list("pk", flat=True))
    if isinstance(token, Refresh):
        _without_family(token).delete()
    elif FAMILY_CLAIM not in token:
        _revoke(token)
    return User.objects.filter(pk=ended[0][1]).first() if ended else None


def _revoke(access: StrictClaims) -> None:
    """Ends an access token of the release before."""
    row = RevokedToken(jti=access[_JTI], expires_at=datetime_from_epoch(access["exp"]))
    # An expired token is still accepted within the leeway, so its row must stay that long.
    past = timezone.now() - cast("timedelta", api_settings.LEEWAY)
    if row.expires_at > past:
        RevokedToken.objects.bulk_create([row], ignore_conflicts=True)
    expired = RevokedToken.objects.filter(expires_at__lte=past)
    if old := list(expired.values_list("pk", flat=True)[:_EXPIRED_AT_ONCE]):
        RevokedToken.objects.filter(pk__in=old).delete()
