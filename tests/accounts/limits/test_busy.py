"""A server too busy to check a password does not count the attempt."""

import pytest
from rest_framework.test import APIClient

from tests.accounts.limits.attempts import (
    NEW,
    PROFILE,
    fail,
    failures,
    session_sign_in,
    sign_in,
)
from tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("no_rate_limits")


@pytest.fixture
def busy(settings):
    """All cores are hashing."""
    settings.PASSWORD_HASHERS = ["tests.hashers.Waiting"]


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_busy_is_no_failure(alice, browser, client, busy, email):
    for answer in (
        fail(email=email),
        sign_in(email),
        session_sign_in(browser, email),
        APIClient().post("/accounts/join", {"email": "new@example.com", "password": NEW}),
    ):
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "unavailable"
    page = client.post("/admin/login/", {"username": email, "password": PASSWORD})
    assert "The service is busy. Try again in a moment." in page.content.decode()
    assert set(failures(email).values()) == {0}


def test_busy_for_a_signed_in_user(alice, as_alice, busy):
    assert as_alice.delete(PROFILE, {"password": PASSWORD}).status_code == 503
    assert set(failures().values()) == {0}
