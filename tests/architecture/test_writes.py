"""Every route that may change something counts against `WRITES_PER_MINUTE`, or is listed below with
the reason why it does not. A user who has reached the limit can still send all requests that only
read.
"""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from config.api.throttles import WRITES, WritesPerMinute
from config.api.writes import count_write
from tests.accounts.conftest import Browser
from tests.architecture.routes import ROUTES
from tests.architecture.test_open_routes import path_of

ASKING = "takes a unit of the daily allowance, or is refused before anything is stored"
UNCOUNTED = {
    ("chat:chats", "POST"): ASKING,
    ("chat:streams", "POST"): ASKING,
    ("chat:replies", "POST"): ASKING,
    ("chat:stream", "DELETE"): "stopping an answer saves work; it must be possible at any time",
    ("quotes:similar", "POST"): "stores nothing, and has a limit of its own",
    ("accounts:join", "POST"): "nobody is signed in; accounts.limits.rate_limits counts attempts",
    ("accounts:invitation", "POST"): "nobody is signed in; rate_limits counts attempts",
    ("accounts:join-confirm", "POST"): "nobody is signed in; rate_limits counts codes",
    ("accounts:join-resend", "POST"): "nobody is signed in; rate_limits counts mails",
    ("accounts:login", "POST"): "nobody is signed in; accounts.limits.rate_limits counts attempts",
    ("accounts:second-factor", "POST"): "nobody is signed in; accounts.mfa counts wrong codes",
    ("accounts:token-verify", "POST"): "nobody is signed in; stores nothing",
    ("accounts:token-refresh", "POST"): "counted for the owner of the token: test_tokens.py",
    ("accounts:oauth-token", "POST"): "refresh tokens as above; rate_limits counts codes",
    ("accounts:logout", "POST"): "ends each token once; signing out must be possible at any time",
}
API = [route for route in ROUTES if route.kind == "api"]
HEADLESS = [route for route in ROUTES if route.kind == "headless"]
WITH_VIEW = [route for route in API if hasattr(route.view, "throttle_classes")]


@pytest.fixture(autouse=True)
def _one_minute(time_machine):
    """Writes are counted by the minute of the clock: a test must not see the next one begin."""
    time_machine.move_to("2026-03-01T03:00:00Z", tick=False)


@pytest.fixture
def at_the_limit(alice, settings):
    settings.WRITES_PER_MINUTE = 1
    count_write(alice.pk)
    return alice


def is_refused(response):
    return response.status_code == 429 and response.json()["code"] == "too_many_writes"


@pytest.mark.parametrize("method", sorted(WRITES))
@pytest.mark.parametrize("route", API, ids=lambda route: route.name)
def test_a_route_of_the_api(at_the_limit, client_for, route, method):
    client = client_for(at_the_limit)
    response = client.generic(method, path_of(route), "{}", content_type="application/json")
    if (route.name, method) in UNCOUNTED:
        assert not is_refused(response)
    else:
        assert is_refused(response) or response.status_code in {403, 404, 405}


@pytest.mark.parametrize("method", sorted(WRITES))
@pytest.mark.parametrize("route", HEADLESS, ids=lambda route: route.name)
def test_a_route_of_allauth(at_the_limit, route, method):
    browser = Browser()
    browser.force_login(at_the_limit)
    assert is_refused(browser.send(method, path_of(route), {}))


@pytest.mark.parametrize("route", API, ids=lambda route: route.name)
def test_reading_is_free(at_the_limit, client_for, route):
    client = client_for(at_the_limit)
    for method in ("GET", "HEAD", "OPTIONS"):
        response = client.generic(method, path_of(route))
        assert response.status_code != 429


def test_the_administration_is_free(staff, settings):
    settings.WRITES_PER_MINUTE = 1
    client = Client()
    client.force_login(staff)
    for _ in range(3):
        assert client.post("/admin/quotes/quote/", {}).status_code == 200


@pytest.mark.parametrize("route", WITH_VIEW, ids=lambda route: route.name)
def test_every_view_has_the_throttle(route):
    """It has by default; a view with throttles of its own must name it, too."""
    assert WritesPerMinute in route.view.throttle_classes


def test_the_list_is_not_stale():
    known = {(route.name, method) for route in API for method in WRITES}
    assert set(UNCOUNTED) <= known
    said = {
        (route.name, method)
        for route in WITH_VIEW
        for method in getattr(route.view, "uncounted_writes", ())
    }
    assert said <= set(UNCOUNTED)


def test_a_stranger_is_nobody_s_write(db, settings):
    settings.WRITES_PER_MINUTE = 1
    for _ in range(3):
        assert APIClient().post("/quote", {}).status_code == 401
