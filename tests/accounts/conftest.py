import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts import profile
from accounts.models import TokenFamily, User
from tests.factories import PASSWORD

SESSION = "/_allauth/browser/v1"
INVALID_TOKEN = {
    "type": "urn:daesa:problem:token_not_valid",
    "title": "Unauthorized",
    "status": 401,
    "detail": "The token is invalid or no longer valid.",
    "code": "token_not_valid",
}


SID = "f" * 32


@pytest.fixture(autouse=True)
def _without_the_page(settings, tmp_path):
    """Built or not: with it, the administration has no sign-in of its own to be tested."""
    settings.PAGE_DIR = tmp_path / "not-built"


@pytest.fixture
def token_of() -> Callable[..., str]:
    """Makes an access token, of a family that lives, whose claims, key, algorithm and header a test
    may change.
    """

    def make(
        user: User,
        *,
        key: str | None = settings.JWT_SIGNING_KEYS[0][1],
        kid: Any = settings.JWT_SIGNING_KEYS[0][0],
        algorithm: str = "HS256",
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        now = timezone.now()
        end = now + timedelta(days=1)
        family = {"user": user, "jti": "b" * 32, "expires_at": end, "ends_at": end}
        TokenFamily.objects.get_or_create(sid=SID, defaults=family)
        payload = {
            "token_type": "access",
            "user_id": str(user.pk),
            "hash_password": get_md5_hash_password(user.password),
            "jti": "a" * 32,
            "sid": SID,
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "iss": "daesa",
            "aud": "daesa-api",
            **claims,
        }
        given = {name: value for name, value in payload.items() if value is not None}
        headers = {**({} if kid is None else {"kid": kid}), **(header or {})}
        return jwt.encode(given, key, algorithm=algorithm, headers=headers)

    return make


def former_token(user: User, kind: str = "access", **claims: Any) -> str:
    """A token as the release before made it: signed with SECRET_KEY, without `kid` or a family."""
    now = timezone.now()
    payload = {
        "token_type": kind,
        "user_id": str(user.pk),
        "hash_password": get_md5_hash_password(user.password),
        "jti": "a" * 32,
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "iss": "daesa",
        "aud": "daesa-api",
        **claims,
    }
    return jwt.encode(payload, settings.SECRET_KEY, algorithm="HS256")


@pytest.fixture
def provide_quota() -> Iterator[Callable[..., None]]:
    """`profile.provide_quota`; what `chat` provides is back after the test."""
    of_chat = profile.Registry.quota_of, profile.Registry.used_today
    yield profile.provide_quota
    profile.provide_quota(*of_chat)


class Browser(Client):
    """A browser with the page: keeps cookies and sends the CSRF token, which is checked."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True)
        self.get(f"{SESSION}/auth/session")

    def send(self, method: str, path: str, body: Any = None, **headers: Any):
        token = self.cookies["csrftoken"].value
        return self.generic(
            method,
            path,
            b"" if body is None else json.dumps(body).encode(),
            "application/json",
            headers={"X-CSRFToken": token, **headers},
        )


@pytest.fixture
def browser(db) -> Browser:
    return Browser()


@pytest.fixture
def alices_browser(alice, browser) -> Browser:
    answer = browser.send(
        "POST", f"{SESSION}/auth/login", {"email": alice.email, "password": PASSWORD}
    )
    assert answer.status_code == 200
    return browser


def without_id(body: dict[str, Any]) -> dict[str, Any]:
    """A problem's body without the members that differ per request."""
    return {name: value for name, value in body.items() if name not in {"request_id", "instance"}}
