"""Authentication by bearer token (RFC 6750) and by session, and its OpenAPI description."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import ExpiredTokenError
from rest_framework_simplejwt.settings import api_settings

from accounts.models import RevokedToken, User
from accounts.tokens import Access, InvalidToken, is_current, read

CHALLENGE = 'Bearer realm="api"'

# Written by hand, because every request with a token runs it: 67 µs on SQLite, where two queries by
# the ORM take 1.6 ms. Fields that are left out are loaded when they are first used.
_LOADED = {
    *("id", "password", "kept_stamps", "email", "nickname", "daily_limit"),
    *("is_staff", "is_superuser", "review_emails"),
}
# `from_db` pairs values with fields in the model's order.
FIELDS = tuple(f.attname for f in User._meta.concrete_fields if f.attname in _LOADED)  # noqa: SLF001
_OWNER_SQL = (
    f"SELECT {', '.join(FIELDS)} FROM {User._meta.db_table} "  # noqa: S608, SLF001 - names, not input
    f"WHERE id = %s AND is_active AND NOT EXISTS "
    f"(SELECT 1 FROM {RevokedToken._meta.db_table} WHERE jti = %s)"  # noqa: SLF001
)


class BearerAuthentication(BaseAuthentication):
    """Ignores other schemes: a proxy in front of a session may use them."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Any] | None:
        raw = bearer_of(request)
        if raw is None:
            return None
        token = read(Access, raw)
        return owner_of(token), token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return CHALLENGE


class LogoutAuthentication(BearerAuthentication):
    """For signing out: an expired token is accepted, and the user is not looked up."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Any] | None:
        raw = bearer_of(request)
        if raw is None:
            return None
        try:
            return AnonymousUser(), read(Access, raw)
        except InvalidToken as error:
            if isinstance(error.__cause__, ExpiredTokenError):
                return AnonymousUser(), None
            raise


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session; a missing CSRF token is refused as in Django's own views."""

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
    """The active user of an unrevoked token, by one query. Raises `InvalidToken`."""
    claims = (token[api_settings.USER_ID_CLAIM], token[api_settings.JTI_CLAIM])
    with connection.cursor() as cursor:
        cursor.execute(_OWNER_SQL, claims)
        row = cursor.fetchone()
    if row is None:
        raise InvalidToken
    user = User.from_db(connection.alias, FIELDS, row)
    if not is_current(token, user):
        raise InvalidToken
    user.is_active = True
    user.is_staff = bool(user.is_staff)  # SQLite returns numbers
    user.is_superuser = bool(user.is_superuser)
    return user
