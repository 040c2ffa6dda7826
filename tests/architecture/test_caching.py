"""No cache keeps what is for one person: every answer says `no-store`, or stands below."""

import pytest
from rest_framework.test import APIClient

from tests.architecture.routes import METHODS, ROUTES
from tests.architecture.test_open_routes import path_of

pytestmark = pytest.mark.any_database

# The same for everybody, and kept for as long as it says.
SHARED = {
    "quotes:robots",
    "quotes:sitemaps",
    "quotes:sitemap",
    "quotes:rss",
    "quotes:atom",
    "quotes:rss-of-language",
    "quotes:atom-of-language",
}
PUBLIC = {
    "quotes:board-page",
    "quotes:line-page",
    "schema",
    "docs",
    "redoc",
}  # the same for everybody; a cache asks again each time


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)
def test_an_answer_is_not_stored(alice, route):
    client = APIClient(raise_request_exception=False)
    client.force_login(alice)
    for method in METHODS:
        response = client.generic(method, path_of(route), "{}", "application/json")
        kept = response.headers.get("Cache-Control", "")
        is_public = route.name in PUBLIC
        is_shared = route.name in SHARED and kept.startswith("public, max-age=")
        assert "no-store" in kept or is_shared or (is_public and kept == "no-cache"), method


def test_tokens_are_not_stored(alice, anonymous):
    person = {"email": alice.email, "password": "correct horse battery"}
    for answer in (
        anonymous.post("/accounts/login", person),
        anonymous.post("/accounts/login", {**person, "password": "wrong"}),
        anonymous.post("/accounts/join", {**person, "email": "new@example.com"}),
    ):
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_page_of_an_unknown_address_holds_nothing_of_anybody(anonymous, accept):
    kept = anonymous.get("/no/such/page", headers={"Accept": accept})["Cache-Control"]
    assert kept in {"no-cache", "no-store"}
