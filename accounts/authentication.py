"""Authentication by bearer token (RFC 6750: a JWT or a personal token) and by session, and its
OpenAPI description.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.settings import api_settings

from accounts import sessions
from accounts.jwt_keys import FAMILY_CLAIM
from accounts.models import RevokedToken, TokenFamily, User
from accounts.personal_tokens import secret, usage
from accounts.personal_tokens.models import PersonalToken
from accounts.tokens import Access, InvalidToken, MaybeExpiredAccess, is_current, read
from config.api import scopes
from config.api.scopes import CHALLENGE

# Written by hand, because every request with a token runs it: 67 µs on SQLite, where two queries by
# the ORM take 1.6 ms. Fields that are left out are loaded when they are first used.
_LOADED = {
    *("id", "password", "kept_stamps", "email", "nickname", "daily_limit"),
    *("is_staff", "is_superuser", "review_emails", "plan_daily_limit", "plan_models"),
}
# `from_db` pairs values with fields in the model's order.
FIELDS = tuple(f.attname for f in User._meta.concrete_fields if f.attname in _LOADED)  # noqa: SLF001
_USERS = User._meta.db_table  # noqa: SLF001
_FAMILIES = TokenFamily._meta.db_table  # noqa: SLF001
_SELECT = f"SELECT {', '.join(FIELDS)} FROM {_USERS} WHERE id = %s AND is_active AND "  # noqa: S608 - names, not input
_OWNER_SQL = (
    _SELECT + f"EXISTS (SELECT 1 FROM {_FAMILIES} WHERE sid = %s AND user_id = {_USERS}.id)"  # noqa: S608
)
# Of a token of the release before, which has no family.
_REVOKED = RevokedToken._meta.db_table  # noqa: SLF001
_FORMER_SQL = _SELECT + f"NOT EXISTS (SELECT 1 FROM {_REVOKED} WHERE jti = %s)"  # noqa: S608
_PERSONAL_SQL = (
    f"SELECT token.id, token.scope, token.stamp, "  # noqa: S608
    f"token.last_used_at IS NULL OR token.last_used_at <= %s, "
    f"{', '.join(f'owner.{name}' for name in FIELDS)} "
    f"FROM {PersonalToken._meta.db_table} token "  # noqa: SLF001
    f"JOIN {_USERS} owner ON owner.id = token.user_id "
    f"WHERE token.digest = %s AND owner.is_active "
    f"AND (token.expires_at IS NULL OR token.expires_at > %s)"
)


@dataclass(frozen=True, slots=True)
class PersonalAccess:
    """`request.auth` of a request with a personal token."""

    token_id: int
    scopes: frozenset[str]

    @property
    def access_id(self) -> str:
        """What `accounts.sessions.access_id` returns."""
        return usage.access_id(self.token_id)


class BearerAuthentication(BaseAuthentication):
    """Ignores other schemes: a proxy in front of a session may use them."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Any] | None:
        raw = bearer_of(request)
        if raw is None:
            return None
        if raw.startswith(secret.PREFIX):
            return self._authenticate_personal(request, raw)
        token = read(Access, raw)
        return owner_of(token), token

    def _authenticate_personal(self, request: Request, raw: str) -> tuple[User, PersonalAccess]:
        """Asks for the scope here, so that no view can forget to."""
        user, access = owner_of_personal(raw)
        view = (request.parser_context or {}).get("view")
        scopes.demand(access.scopes, view=view, method=request.method)
        return user, access

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return CHALLENGE


class LogoutAuthentication(BearerAuthentication):
    """For signing out: an expired token is accepted, and the user is not looked up."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Any] | None:
        raw = bearer_of(request)
        return None if raw is None else (AnonymousUser(), read(MaybeExpiredAccess, raw))


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session; a missing CSRF token is refused as in Django's own views."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found:
            sessions.note_use(request._request)  # noqa: SLF001
        return found

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed from error


class CsrfFailed(PermissionDenied):
    default_code = "csrf_failed"
    default_detail = _("The CSRF token is missing or wrong.")


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionAuthentication
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = BearerAuthentication
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def bearer_of(request: Request) -> str | None:
    """The token in the `Authorization` header, or None. The scheme is case-insensitive."""
    parts = request.META.get("HTTP_AUTHORIZATION", "").split()
    if not parts or parts[0].lower() != "bearer":
        return None
    if len(parts) != 2:  # noqa: PLR2004 - the scheme and the token
        raise AuthenticationFailed(
            _("The Authorization header must be `Bearer` and one token."),
            code="bad_authorization_header",
        )
    return str(parts[1])


def owner_of(token: Access) -> User:
    """The active user of a token whose family lives, by one query. Raises `InvalidToken`."""
    sql = _OWNER_SQL if FAMILY_CLAIM in token else _FORMER_SQL
    with connection.cursor() as cursor:
        cursor.execute(sql, (token[api_settings.USER_ID_CLAIM], token.sid))
        row = cursor.fetchone()
    if row is None:
        raise InvalidToken
    user = _user_of(row)
    if not is_current(token, user):
        raise InvalidToken
    return user


def owner_of_personal(raw: str) -> tuple[User, PersonalAccess]:
    """The active user of a valid personal token, by one query; by none for what is no such token.
    Raises `InvalidToken`.
    """
    if not secret.is_well_formed(raw):
        raise InvalidToken
    now = timezone.now()
    stored_time = connection.ops.adapt_datetimefield_value
    long_ago = stored_time(now - usage.LAST_USE_EVERY)
    with connection.cursor() as cursor:
        cursor.execute(_PERSONAL_SQL, (long_ago, secret.digest(raw), stored_time(now)))
        row = cursor.fetchone()
    if row is None:
        raise InvalidToken
    (token_id, scope, stamp, is_due), user = row[:4], _user_of(row[4:])
    if stamp != user.token_stamp():  # made before the password was changed
        raise InvalidToken
    if is_due:
        usage.note_last_use(token_id)
    user.personal_token_id = token_id
    return user, PersonalAccess(token_id, frozenset(scope.split()))


def _user_of(row: Any) -> User:
    """An active user from the values of `FIELDS`."""
    user = User.from_db(connection.alias, FIELDS, row)
    user.is_active = True
    user.is_staff = bool(user.is_staff)  # SQLite returns numbers
    user.is_superuser = bool(user.is_superuser)
    return user
