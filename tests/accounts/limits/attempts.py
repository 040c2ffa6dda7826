"""Attempts to sign in, by token and by session, for the tests of their limits."""

from rest_framework.test import APIClient

from accounts.limits.password_attempts import MOST, UNKNOWN_SOURCES
from accounts.models import SignInSource
from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD

LOGIN, PROFILE = "/accounts/login", "/accounts/profile"
NEW = "staple of paper"
STOPPED = {
    "type": "urn:daesa:problem:sign_in_stopped",
    "title": "Too Many Requests",
    "status": 429,
    "detail": (
        "Too many wrong passwords were entered for this address. Reset your password or ask the "
        "site's staff. You can still sign in where you have signed in before."
    ),
    "code": "sign_in_stopped",
}
TOO_MANY = {
    **STOPPED,
    "type": "urn:daesa:problem:too_many_attempts",
    "detail": "Too many attempts. Try again later.",
    "code": "too_many_attempts",
}
HOME, ELSEWHERE = "198.51.100.7", "203.0.113.1"


def sign_in(email="alice@example.com", password=PASSWORD, ip=ELSEWHERE, client=None):
    body = {"email": email, "password": password}
    return (client or APIClient()).post(LOGIN, body, REMOTE_ADDR=ip)


def fail(ip=ELSEWHERE, email="alice@example.com"):
    return sign_in(email, "wrong", ip)


def session_sign_in(browser, email="alice@example.com", password=PASSWORD):
    return browser.send("POST", f"{SESSION}/auth/login", {"email": email, "password": password})


def stop(email="alice@example.com", *, left=0):
    """The state after `MOST` failures of unknown sources, or before the last ones."""
    fail("192.0.2.1", email)
    SignInSource.objects.of(email).filter(source=UNKNOWN_SOURCES).update(failures=MOST - left)


def failures(email="alice@example.com"):
    rows = SignInSource.objects.of(email).values_list("source", "failures")
    return {source.partition(":")[0]: count for source, count in rows}


def known_browser(user):
    browser = Browser()
    assert session_sign_in(browser, user.email).status_code == 200
    browser.send("DELETE", f"{SESSION}/auth/session")
    return browser


def known_browser_of_stopped(user):
    stop = SignInSource.objects.filter(source=UNKNOWN_SOURCES)
    stop.update(failures=0)
    browser = known_browser(user)
    stop.update(failures=MOST)
    return browser
