"""Routes that libraries bring. Each is listed here; what is not listed does not exist."""

import re
from pathlib import Path

import pytest
from allauth.headless.account import urls as account_urls
from allauth.headless.base import urls as base_urls
from allauth.headless.constants import Client
from allauth.headless.mfa import urls as mfa_urls
from allauth.headless.socialaccount import urls as social_urls
from django.conf import settings
from rest_framework.test import APIClient

from tests.architecture.routes import METHODS, ROUTES, _walk

pytestmark = pytest.mark.any_database

PREFIX = "_allauth/browser/v1/"
# What the page calls of allauth's routes.
LISTED = {
    "auth/session": {"GET", "DELETE"},
    "auth/login": {"POST"},
    "auth/reauthenticate": {"POST"},
    "auth/signup": {"POST"},
    "auth/email/verify": {"GET", "POST"},
    "auth/email/verify/resend": {"POST"},
    "auth/password/request": {"POST"},
    "auth/password/reset": {"GET", "POST"},
    "auth/provider/redirect": {"POST"},
    "auth/2fa/authenticate": {"POST"},
    "auth/2fa/reauthenticate": {"POST"},
    "auth/webauthn/authenticate": {"GET", "POST"},
    "auth/webauthn/reauthenticate": {"GET", "POST"},
    "auth/webauthn/login": {"GET", "POST"},
    "account/authenticators": {"GET"},
    "account/authenticators/totp": {"GET", "POST", "DELETE"},
    "account/authenticators/recovery-codes": {"GET", "POST"},
    "account/authenticators/webauthn": {"GET", "POST", "PUT", "DELETE"},
    "account/providers": {"GET", "POST", "DELETE"},
}
# The page names these in the `action` of a form.
FORMS = {"auth/provider/redirect"}
# Other libraries' views that stand in the URL configuration, by their route. The administration
# has its own guards in test_open_routes.py.
OTHERS: set[str] = set()
OURS = ("config.", "accounts.", "chat.", "quotes.")
CALL = r'\(\s*"([A-Z]+)",\s*"([^"?]+)[^"]*"'
ALLAUTHS = sorted(
    route.pattern
    for urls in (account_urls, base_urls, mfa_urls, social_urls)
    for route in _walk(urls.build_urlpatterns(Client.BROWSER))
)


def test_only_listed_routes_are_mounted():
    mounted = {
        r.pattern for r in ROUTES if r.pattern.startswith("_allauth") or r.kind == "headless"
    }
    assert mounted == {f"{PREFIX}{path}" for path in LISTED}


def test_no_other_library_brings_a_route():
    foreign = {
        route.pattern
        for route in ROUTES
        if route.kind == "api" and not _module_of(route).startswith(OURS)
    }
    assert foreign == OTHERS


def _module_of(route) -> str:
    return getattr(route.view or route.callback, "__module__", "")


def test_the_page_calls_what_is_listed_and_nothing_else():
    called: dict[str, set[str]] = {}
    for file in (Path(settings.BASE_DIR) / "frontend" / "src").rglob("*.ts*"):
        if ".test." in file.name:
            continue
        source = file.read_text(encoding="utf-8")
        for method, path in re.findall(rf"\ballauth(?:With)?{CALL}", source):
            called.setdefault(path, set()).add(method)
        for path in re.findall(r"_allauth/browser/v1/([\w/]+)", source):
            called.setdefault(path, set()).add("POST" if path in FORMS else "GET")
        unread = re.search(rf"(?<!function )\ballauth(?:With)?(?!{CALL})\(", source)
        assert unread is None, f"{file.name} calls a route that this test cannot read"
    assert called == LISTED


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", [p for p in ALLAUTHS if p not in LISTED])
def test_others_of_allauth_are_not_there(alice, path, method):
    for client in (APIClient(), _signed_in(alice)):
        response = client.generic(method, f"/{PREFIX}{path}", "{}", "application/json")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


def _signed_in(user):
    client = APIClient()
    client.force_login(user)
    return client


def test_allauth_is_read_as_a_whole():
    """Otherwise the list of what is closed would be empty, and the test above would say nothing."""
    some = {"account/phone", "account/email", "account/password/change"}
    assert some | {"auth/provider/token", "auth/provider/signup"} <= set(ALLAUTHS)
    assert set(LISTED) <= set(ALLAUTHS)


@pytest.mark.django_db
@pytest.mark.parametrize("method", [*METHODS, "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", LISTED)
def test_a_listed_route_takes_its_methods_alone(path, method):
    response = APIClient().generic(method, f"/{PREFIX}{path}", "{}", "application/json")
    assert (response.status_code != 405) is (method in LISTED[path])
