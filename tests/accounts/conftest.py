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
from accounts.models import User
from tests.factories import PASSWORD

SESSION = "/_allauth/browser/v1"
INVALID_TOKEN = {
    "type": "urn:daesa:problem:token_not_valid",
    "title": "Unauthorized",
    "status": 401,
    "detail": "The token is invalid or no longer valid.",
    "code": "token_not_valid",
}


@pytest.fixture
def token_of() -> Callable[..., str]:
    """Makes an access token whose claims, key and algorithm a test may change."""

    def make(
        user: User, *, key: str = settings.SECRET_KEY, algorithm: str = "HS256", **claims: Any
    ) -> str:
        now = timezone.now()
        payload = {
            "token_type": "access",
            "user_id": str(user.pk),
            "hash_password": get_md5_hash_password(user.password),
            "jti": "a" * 32,
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "iss": "daesa",
            "aud": "daesa-api",
            **claims,
        }
        given = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(given, key, algorithm=algorithm)

    return make


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
