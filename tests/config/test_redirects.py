"""No redirect leads to another server, whatever target the request names."""

import json
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from tests.architecture.routes import ROUTES
from tests.architecture.test_open_routes import path_of
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.any_database

FOREIGN: list[str] = json.loads(
    (settings.BASE_DIR / "frontend/src/test/foreign.json").read_text(encoding="utf-8")
)
NAMES = ("next", "url", "redirect", "redirect_to", "redirect_url", "callback_url", "return_to")


def assert_stays(response, address: str) -> None:
    target = response.headers.get("Location", "")
    assert "\\" not in target
    assert not target.startswith("//"), address
    assert urlsplit(target).netloc in {"", "testserver"}, address
    assert urlsplit(target).scheme in {"", "http", "https"}, address


@pytest.mark.parametrize("address", FOREIGN)
def test_the_administration_s_sign_in_and_out(db, address):
    staff = make_user("staff", is_staff=True, is_superuser=True)
    client = APIClient()
    person = {"username": staff.email, "password": PASSWORD, "next": address}
    for data in (person, {**person, "next": ""}):
        response = client.post(
            "/admin/login/", data, QUERY_STRING=urlencode({"next": address}), format="multipart"
        )
        assert_stays(response, address)
        assert_stays(client.get("/admin/login/", {"next": address}), address)
        assert_stays(client.post("/admin/logout/", data, format="multipart"), address)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)
def test_any_route(staff, route):
    for address in ("https://evil.example", "//evil.example", "/\\evil.example"):
        client = APIClient(raise_request_exception=False)
        client.force_login(staff)
        query = dict.fromkeys(NAMES, address)
        assert_stays(client.get(path_of(route), query), address)
        assert_stays(client.post(path_of(route), query), address)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/",
        "/\\evil.example",
        "/admin//evil.example",
        "/.//evil.example",
    ],
)
@pytest.mark.parametrize("secure", [True, False])
def test_a_path_that_looks_like_a_server(settings, path, secure):
    settings.SECURE_SSL_REDIRECT = True
    response = APIClient().get(path, secure=secure, headers={"Accept": "text/html"})
    assert_stays(response, path)
