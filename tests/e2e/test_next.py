"""`?next=` leads only to paths of the page: a sign-in must not end at another server. The page's
unit tests try many more addresses of each kind.
"""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, Person, open_administration

FOREIGN = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/.//evil.example",
    "/%5cevil.example",
    "javascript:alert(1)",
]


def with_next(path: str, address: str) -> str:
    return f"{path}?{urlencode({'next': address})}"


@pytest.mark.parametrize("path", ["/login", "/join"])
def test_a_signed_in_user_stays(person: Callable[..., Person], path: str):
    user = person()
    for address in FOREIGN:
        page = user.go(with_next(path, address))
        expect(user.question).to_be_visible()
        assert (address, page.url) == (address, f"{user.url}/")


def test_the_sign_in_and_join_pages_pass_on_no_foreign_address(visitor: Callable[..., Person]):
    user = visitor()
    for path, link in (("/login", "Join"), ("/join", "Sign in")):
        for address in FOREIGN:
            page = user.go(with_next(path, address))
            other = page.get_by_role("main").get_by_role("link", name=link, exact=True)
            expect(other).to_have_attribute("href", "/join" if path == "/login" else "/login")


def test_a_sign_in_stays(person: Callable[..., Person]):
    user = person()
    for address in FOREIGN:
        user.context.clear_cookies()
        page = user.go(with_next("/login", address))
        page.get_by_label("Email").fill(user.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(user.question).to_be_visible()
        assert (address, page.url) == (address, f"{user.url}/")


@pytest.mark.parametrize("address", FOREIGN[:4])
def test_joining_stays(visitor: Callable[..., Person], address: str):
    user = visitor()
    page = user.go(with_next("/join", address))
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(user.question).to_be_visible()
    assert page.url == f"{user.url}/"


def test_a_path_of_the_page_is_opened(person: Callable[..., Person]):
    user = person()
    page = user.go(with_next("/login", "/quotes?q=Hamlet&state=applied"))
    expect(page.get_by_role("heading", level=1, name="The board")).to_be_visible()
    assert page.url == f"{user.url}/quotes?q=Hamlet&state=applied"


def test_a_sign_in_goes_on_to_the_administration(visitor: Callable[..., Person]):
    """The server renders it, and not the page's router."""
    user = visitor()
    page = open_administration(user, "/admin/quotes/quote/")
    expect(page.get_by_role("heading", name="Select quote to change")).to_be_visible()
    page = user.go("/login?next=/admin/quotes/quote/")
    expect(page.get_by_role("heading", name="Select quote to change")).to_be_visible()
