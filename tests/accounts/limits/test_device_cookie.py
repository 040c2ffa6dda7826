"""The cookie of a browser that has signed in."""

import re

import pytest
from rest_framework.test import APIClient

from accounts.tokens import issue
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.limits.attempts import (
    session_sign_in,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("no_rate_limits")


def test_cookie_of_a_browser(alice, settings):
    settings.SESSION_COOKIE_SECURE = True
    browser = Browser()
    answer = session_sign_in(browser)
    cookie = answer.cookies["device"]
    assert re.fullmatch(r"[\w-]{43}", cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert (cookie["secure"], cookie["domain"], cookie["max-age"]) == (True, "", 400 * 86400)
    browser.send("DELETE", f"{SESSION}/auth/session")
    assert session_sign_in(browser).cookies["device"].value == cookie.value


def test_no_cookie_for_programs_or_failures(alice, browser):
    assert not sign_in().cookies
    assert "device" not in session_sign_in(browser, password="wrong").cookies
    assert (
        not APIClient()
        .post("/accounts/token/refresh", {"refresh": issue(alice)["refresh"]})
        .cookies
    )


def test_an_invalid_cookie_is_replaced(alice, browser):
    browser.cookies["device"] = "x" * 5000
    assert re.fullmatch(r"[\w-]{43}", session_sign_in(browser).cookies["device"].value)
