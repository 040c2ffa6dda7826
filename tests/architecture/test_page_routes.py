"""The page's addresses are listed once, in config/page_routes.json: Django's page routes and Vite's
proxy are built from the list, the others are compared with it (the page's router by its own
tests, frontend/src/routes/paths.test.ts).
"""

import re
from collections.abc import Iterable

import pytest
from django.conf import settings
from django.urls import resolve

from config.page import ADDRESSES
from tests.architecture.routes import ROUTES

PAGES, SERVER = ADDRESSES["pages"], ADDRESSES["server"]
NGINX = (settings.BASE_DIR / "nginx" / "daesa.conf").read_text(encoding="utf-8")


# Views that answer with the page's document.
OF_THE_PAGE = {"root", "page", "board-page", "line-page"}


def first_segment(path: str) -> str:
    return "/" + path.lstrip("/").split("/")[0]


def filled(path: str) -> str:
    return path.replace("$id", "7").replace("$key", "3-abc:d")


def other_views(pages: Iterable[str]) -> dict[str, str | None]:
    """The addresses that Django answers with something else than the page."""
    names = {path: resolve(filled(path)).url_name for path in pages}
    return {path: name for path, name in names.items() if name not in OF_THE_PAGE}


def test_django_answers_each_address_with_the_page():
    assert other_views(PAGES) == {}
    assert other_views([*PAGES, "/planted"]) == {"/planted": "not-found"}


@pytest.mark.parametrize(
    "path", ["/quotes/abc", "/quotes/7/planted", "/c/abc", "/settings/planted"]
)
def test_an_address_that_the_page_does_not_know_is_not_found(path):
    assert resolve(path).url_name == "not-found"


def differences(server: Iterable[str]) -> set[str]:
    """First segments that only Django has, or only the list."""
    own = {
        first_segment(route.pattern)
        for route in ROUTES
        if route.name.rpartition(":")[2] not in {*OF_THE_PAGE - {"root"}, "not-found"}
    }
    return (own - {"/"} | {settings.STATIC_URL.rstrip("/")}) ^ set(server)


def test_the_servers_addresses_are_the_urls_of_django():
    assert differences(SERVER) == set()
    assert differences([*SERVER, "/planted"]) == {"/planted"}
    assert differences(SERVER[1:]) == {SERVER[0]}


def overlaps(pages: Iterable[str], server: Iterable[str]) -> set[str]:
    return {first_segment(path) for path in pages} & {first_segment(path) for path in server}


def test_no_address_belongs_to_both():
    assert overlaps(PAGES, SERVER) == set()
    assert overlaps([*PAGES, "/chat/$id"], SERVER) == {"/chat"}


def locations(configuration: str) -> set[str]:
    found = re.findall(r"^ +location (?:[=~^*]+ )?(/\S*) \{", configuration, flags=re.MULTILINE)
    return set(found) - {"/"}


def caught(pages: Iterable[str], configuration: str) -> set[str]:
    """The pages that a special location of nginx would answer in the place of `/`."""
    return {path for path in pages if path.startswith(tuple(locations(configuration)))}


def test_nginx_treats_no_page_as_something_else():
    special = {"/.well-known/acme-challenge/", "/static/", "/chat", "/attachments", "/metrics"}
    assert locations(NGINX) == special
    assert {first_segment(path) for path in locations(NGINX)} <= set(SERVER)
    assert caught(PAGES, NGINX) == set()
    assert caught([*PAGES, "/chats"], NGINX) == {"/chats"}
    assert caught(PAGES, NGINX + "\n    location /quotes {") >= {"/quotes", "/quotes/$id"}


def logged(pages: Iterable[str], configuration: str) -> set[str]:
    """The pages with a secret key whose key nginx would write to its log."""
    [pattern] = re.findall(r'"~(\^\S+)" +\$daesa_page;', configuration)
    expression = re.compile(pattern.replace("(?<", "(?P<"))
    return {path for path in pages if "$key" in path and not expression.search(filled(path))}


def test_nginx_logs_no_key():
    assert logged(PAGES, NGINX) == set()
    assert logged([*PAGES, "/planted/$key"], NGINX) == {"/planted/$key"}
