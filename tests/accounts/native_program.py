"""A native program that signs in by the browser, and what it sends."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from rest_framework.test import APIClient

from accounts.models import User
from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD

AUTHORIZE, TOKEN = "/accounts/authorize", "/accounts/oauth/token"
FORM = "application/x-www-form-urlencoded"
REDIRECT = "http://127.0.0.1:51004/callback"
VERIFIER = "dBjftJeZ4CVP-mBMQT08QZyGTQtaFpTWW7uQ2bYlVXs"


def challenge_of(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


ASKED = {
    "response_type": "code",
    "redirect_uri": REDIRECT,
    "state": "a state",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
    "client_id": "cli",
    "client_name": "Daesa for the terminal",
}


def with_changes(known: dict[str, str], changes: dict[str, Any]) -> dict[str, Any]:
    """None leaves a parameter out."""
    return {name: value for name, value in {**known, **changes}.items() if value is not None}


def signed_in(user: User) -> Browser:
    browser = Browser()
    body = {"email": user.email, "password": PASSWORD}
    assert browser.send("POST", f"{SESSION}/auth/login", body).status_code == 200
    return browser


def ask(browser: Browser, **changes: Any) -> Any:
    return browser.get(AUTHORIZE, with_changes(ASKED, changes))


def allow(browser: Browser, **changes: Any) -> Any:
    return browser.send("POST", AUTHORIZE, with_changes(ASKED, changes))


def answer_in(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def code_from(browser: Browser, **changes: Any) -> str:
    response = allow(browser, **changes)
    assert response.status_code == 200, response.content
    return answer_in(response.json()["redirect_to"])["code"]


def exchange(code: str, *, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    known = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": "cli",
    }
    return send(urlencode(with_changes(known, changes)), headers)


def renew(refresh: str) -> Any:
    return send(urlencode({"grant_type": "refresh_token", "refresh_token": refresh}))


def send(form: Any, headers: dict[str, str] | None = None) -> Any:
    return APIClient().generic("POST", TOKEN, form, FORM, headers=headers or {})


def opens(access: str) -> bool:
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client.get("/accounts/profile").status_code == 200
