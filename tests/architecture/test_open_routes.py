"""Every route demands a sign-in, or stands below with the reason why it doesn't."""

import re

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.architecture.routes import METHODS, ROUTES, Route

pytestmark = pytest.mark.any_database

HEADLESS = "headless:browser:"
OPEN = {
    "root": "says what this is",
    "health": "probes have no account",
    "health-live": "probes have no account",
    "health-ready": "probes have no account",
    "metrics": "by token or address, of which Prometheus has one; to others it is not there",
    "schema": "documentation",
    "docs": "documentation",
    "redoc": "documentation",
    "not-found": "there is nothing",
    "page": "the page's document, the same for everybody",
    "quotes:board-page": "the page's document, with the words of the public board",
    "quotes:line-page": "the page's document, with the words of the public board",
    "quotes:robots": "for crawlers",
    "quotes:sitemaps": "for crawlers, of the public board",
    "quotes:sitemap": "for crawlers, of the public board",
    "quotes:rss": "of the public board",
    "quotes:atom": "of the public board",
    "quotes:rss-of-language": "of the public board",
    "quotes:atom-of-language": "of the public board",
    "accounts:join": "whoever joins has no account yet",
    "accounts:invitation": "whoever joins has no account yet",
    "accounts:join-confirm": "the handle and the code in the body are the proof",
    "accounts:join-resend": "the handle in the body is the proof",
    "accounts:login": "the sign-in itself",
    "accounts:second-factor": "the challenge and the code in the body are the proof",
    "accounts:oauth-token": "the code with its verifier, or the refresh token, is the proof",
    "oauth-metadata": "documentation for programs",
    "accounts:token-refresh": "the refresh token in the body is the proof",
    "accounts:token-verify": "the token in the body is what is asked about",
    "admin": "redirects to the administration, which asks for a sign-in",
    "admin:login": "the sign-in itself",
    "admin:logout": "there is nothing to end",
    f"{HEADLESS}account:login": "the sign-in itself",
    f"{HEADLESS}account:signup": "whoever joins has no account yet",
    f"{HEADLESS}account:request_password_reset": "whoever forgot a password cannot sign in",
    f"{HEADLESS}account:reset_password": "the key in the body is the proof",
    f"{HEADLESS}account:verify_email": "the key in the body is the proof",
    f"{HEADLESS}account:resend_email_verification_code": "for a session that waits for the mail",
    f"{HEADLESS}socialaccount:redirect_to_provider": "begins a sign-in",
    **{
        f"{provider}_callback": "the sign-in itself: the session's state and a code are the proof"
        for provider in ("kakao", "naver", "google", "github", "openid_connect")
    },
    f"{HEADLESS}mfa:login_webauthn": "the sign-in itself",
}
PUBLIC_BOARD = "the board is for everybody, without submitters, unless PUBLIC_BOARD is off"
# Read without a sign-in; whatever changes something needs one.
READABLE = {
    "quotes:quotes": PUBLIC_BOARD,
    "quotes:quote": PUBLIC_BOARD,
    "quotes:random": PUBLIC_BOARD,
    "quotes:today": PUBLIC_BOARD,
}
UUID = "0" * 8 + "-0000-4000-8000-" + "0" * 12
ARGUMENTS = {
    "<id:pk>": "1",
    "<language:language>": "ko",
    "<int:pk>": "1",
    "<id:report>": "1",
    "<uuid:stream_id>": UUID,
    "<uuid:session_id>": UUID,
}

CLOSED = [route for route in ROUTES if route.name not in OPEN]


def path_of(route: Route) -> str:
    path = "/" + route.pattern
    for argument, value in ARGUMENTS.items():
        path = path.replace(argument, value)
    for argument in ("<id>", "<path:object_id>", "<path:content_type_id>"):
        path = path.replace(argument, "1")
    path = re.sub(r"\^\(\?P<app_label>[a-z|]+\)/\$$", "quotes/", path)
    path = path.replace("^quotes/?$", "quotes")
    path = path.replace("(?P<url>.*)$", "anything").replace("(account|auth)", "account")
    assert "<" not in path, f"say in ARGUMENTS what to put into {path}"
    return path


def test_the_list_of_open_routes_is_not_stale():
    assert set(OPEN) <= {route.name for route in ROUTES}


@pytest.mark.django_db
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.pattern)
def test_nobody_gets_in(route, method):
    path = path_of(route)
    response = APIClient().generic(method, path, "{}", content_type="application/json")
    if method == "GET" and route.name in READABLE:
        assert response.status_code in {200, 404}
    elif route.kind == "admin":
        assert response.status_code in {302, 405}
        if response.status_code == 302:
            assert response["Location"].startswith(("/admin/login/?next=", "/admin/1/change/"))
    elif route.kind == "headless":
        assert response.status_code in {401, 405}
    else:
        assert response.status_code in {401, 403, 405}
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(READABLE))
def test_a_closed_board_is_read_by_nobody(name, settings):
    settings.PUBLIC_BOARD = False
    [route] = [route for route in ROUTES if route.name == name]
    for headers in ({}, {"Accept": "text/html, */*;q=0.8"}):
        response = APIClient().get(path_of(route), headers=headers)
        assert response.status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(OPEN))
def test_an_open_route_is_open(name):
    """Otherwise it would be on the list without need."""
    route = next(route for route in ROUTES if route.name == name)
    statuses = {
        APIClient().generic(method, path_of(route), "{}", "application/json").status_code
        for method in METHODS
    }
    assert statuses - {401, 403, 405}


ADMIN = [route for route in ROUTES if route.kind == "admin" and route.name not in OPEN]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("route", ADMIN, ids=lambda route: route.pattern)
def test_the_administration_is_for_staff(client, alice, route, method):
    client.force_login(alice)
    response = client.generic(method, path_of(route))
    assert response.status_code == 302
    assert response["Location"].startswith(("/admin/login/?next=", "/admin/"))


@pytest.mark.django_db
@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.pattern)
def test_a_session_needs_its_csrf_token(alice, route):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(path_of(route), "{}", content_type="application/json")
    assert response.status_code == 403
    assert "CSRF" in response.json()["detail"]
