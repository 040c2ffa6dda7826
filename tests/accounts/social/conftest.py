"""A browser with the page, and the five providers on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from accounts.models import User
from config.providers import OIDC, Registration, providers
from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD
from tests.providers.github import GitHub
from tests.providers.kakao import Kakao
from tests.providers.naver import Naver
from tests.providers.openid import Google, OpenID
from tests.providers.server import CLIENT_ID, SECRET, Provider

PAGE, SETTINGS = "/login/callback", "/settings/security"
KINDS: dict[str, type[Provider]] = {
    "kakao": Kakao,
    "naver": Naver,
    "google": Google,
    "github": GitHub,
    OIDC: OpenID,
}
NAMES = {
    "kakao": "Kakao",
    "naver": "Naver",
    "google": "Google",
    "github": "GitHub",
    OIDC: "Example ID",
}
CALLBACKS = {name: f"/accounts/{name}/callback" for name in NAMES}


def registration(name: str, url: str = "") -> Registration:
    return Registration(id=name, name=NAMES[name], client_id=CLIENT_ID, secret=SECRET, base_url=url)


@dataclass
class Site:
    """A browser before the page, and what it does on the way to a provider and back."""

    browser: Browser
    running: dict[str, Provider]

    def begin(self, name: str, process: str = "login", page: str = PAGE, **headers: Any) -> Any:
        """Sends the form of the page's button."""
        fields = {
            "provider": name,
            "process": process,
            "callback_url": page,
            "csrfmiddlewaretoken": self.browser.cookies["csrftoken"].value,
        }
        return self.browser.post(f"{SESSION}/auth/provider/redirect", fields, headers=headers)

    def visit(self, name: str, **options: Any) -> str:
        """Goes to the provider, and returns the path and query by which it sends back."""
        return self.back_from(goes_to(self.begin(name, **options)))

    def back_from(self, url: str) -> str:
        location = follow_once(url)
        parts = urlsplit(location)
        return f"{parts.path}?{parts.query}"

    def sign_in(self, name: str, **options: Any) -> str:
        """All the way; where the browser is then."""
        return str(self.browser.get(self.visit(name, **options))["Location"])

    def user(self) -> User | None:
        pk = self.browser.session.get("_auth_user_id")
        return User.objects.filter(pk=pk).first() if pk else None


def goes_to(response: Any) -> str:
    assert response.status_code == 200, response.get("Location")
    return str(response["Refresh"]).removeprefix("0; url=")


def follow_once(url: str) -> str:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 302
    return str(response.headers["Location"])


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@pytest.fixture
def running() -> Iterator[dict[str, Provider]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(kind()) for name, kind in KINDS.items()}


@pytest.fixture
def offered(settings, running) -> dict[str, Provider]:
    """All five are offered."""
    known = (registration(name, one.url) for name, one in running.items())
    settings.SOCIALACCOUNT_PROVIDERS = providers(*known)
    return running


@pytest.fixture
def site(offered, browser) -> Site:
    return Site(browser, offered)


@pytest.fixture
def another_site(offered, db) -> Callable[[], Site]:
    """Another person's browser."""
    return lambda: Site(Browser(), offered)


@pytest.fixture
def alices_site(offered, alices_browser) -> Site:
    """Alice has just signed in with her password."""
    return Site(alices_browser, offered)


def password_sign_in(browser: Browser, user: User) -> None:
    body = {"email": user.email, "password": PASSWORD}
    assert browser.send("POST", f"{SESSION}/auth/login", body).status_code == 200
