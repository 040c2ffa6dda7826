"""Digests keyed by a former SECRET_KEY still count while it is a fallback."""

import pytest

from accounts import devices
from accounts.limits.password_attempts import is_stopped
from accounts.models import SignInSource
from tests.accounts.limits.attempts import (
    HOME,
    fail,
    failures,
    known_browser,
    session_sign_in,
    sign_in,
    stop,
)

pytestmark = pytest.mark.usefixtures("no_rate_limits")


@pytest.fixture
def rotate(settings):
    def change(*, fallback: bool = True) -> None:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if fallback else []
        settings.SECRET_KEY = "another" * 10

    return change


def test_a_stop_goes_on(alice, rotate):
    stop()
    rotate()
    assert is_stopped(alice)
    assert sign_in().status_code == 429
    assert is_stopped(alice)


def test_without_the_fallback_it_is_forgotten(alice, rotate):
    stop()
    rotate(fallback=False)
    assert not is_stopped(alice)
    assert sign_in().status_code == 200


def test_a_known_device_stays_known(alice, rotate):
    browser = known_browser(alice)
    SignInSource.objects.filter(source__startswith=devices.NETWORK).delete()
    stop()
    rotate()
    assert sign_in().status_code == 429, "another source's attempt names what it can"
    assert session_sign_in(browser).status_code == 200


def test_a_known_network_stays_known_and_failures_count_on(alice, rotate):
    assert sign_in(ip=HOME).status_code == 200
    for _ in range(3):
        fail(HOME)
    rotate()
    fail(HOME)
    assert failures()["network"] == 4
    rows = SignInSource.objects.filter(address=SignInSource.digest(alice.email))
    assert rows.count() == SignInSource.objects.count() == 2


def test_staff_lift_what_was_counted_before(alice, rotate):
    stop()
    rotate()
    SignInSource.objects.of(alice.email).lift()
    assert not is_stopped(alice)


def test_a_row_of_today_wins(alice, rotate):
    fail(HOME)
    rotate()
    today = SignInSource.digest(alice.email)
    SignInSource.objects.create(address=today, source="", failures=9)
    fail(HOME)
    assert failures() == {"": 10, "network": 2}
    assert SignInSource.objects.filter(address=today).count() == SignInSource.objects.count()
