"""Devices and networks that have signed in before keep counts of their own."""

import time

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from accounts import devices
from accounts.limits import password_attempts
from accounts.limits.password_attempts import MOST, UNKNOWN_SOURCES
from accounts.models import SignInSource
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.limits.attempts import (
    ELSEWHERE,
    HOME,
    NEW,
    PROFILE,
    fail,
    known_browser,
    known_browser_of_stopped,
    session_sign_in,
    sign_in,
    stop,
)
from tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("no_rate_limits")


def test_a_known_device_can_still_sign_in(alice):
    browser = known_browser(alice)
    SignInSource.objects.filter(source__startswith=devices.NETWORK).delete()
    stop()
    assert sign_in(ip="127.0.0.1").status_code == 429
    assert session_sign_in(browser).status_code == 200


def test_a_known_device_of_staff_can_still_sign_in(staff):
    client = Client()
    form = {"username": staff.email, "password": PASSWORD}
    assert client.post("/admin/login/", form).status_code == 302
    client.post("/admin/logout/")
    SignInSource.objects.filter(source__startswith=devices.NETWORK).delete()
    stop(staff.email)
    refused = Client().post("/admin/login/", form)
    assert "Too many wrong passwords were entered for this address." in refused.content.decode()
    assert client.post("/admin/login/", form).status_code == 302


def test_a_known_network_can_still_sign_in(alice):
    """Programs keep no cookies."""
    assert sign_in(ip=HOME).status_code == 200
    stop()
    assert sign_in().status_code == 429
    assert sign_in(ip=HOME).status_code == 200


def test_a_signed_in_user_can_still_change_the_password(stopped, client_for):
    body = {"current_password": PASSWORD, "new_password": NEW}
    changed = client_for(stopped).patch(PROFILE, body, REMOTE_ADDR=ELSEWHERE)
    assert changed.status_code == 200


def test_joining_makes_the_network_known(db):
    body = {"email": "dora@example.com", "password": NEW}
    assert APIClient().post("/accounts/join", body, REMOTE_ADDR=HOME).status_code == 201
    stop("dora@example.com")
    assert sign_in("dora@example.com", NEW).status_code == 429
    assert sign_in("dora@example.com", NEW, HOME).status_code == 200


def test_a_device_is_known_for_its_own_account_alone(stopped, bob):
    browser = known_browser(bob)
    assert session_sign_in(browser, stopped.email).status_code == 429


def test_a_device_without_a_row_is_unknown(stopped):
    browser = Browser()
    browser.cookies["device"] = "A" * 43
    assert session_sign_in(browser).status_code == 429


@pytest.mark.parametrize("kind", [devices.DEVICE, devices.NETWORK])
def test_trust_ends_after_a_hundred_failures_in_a_row(stopped, kind):
    browser = known_browser_of_stopped(stopped)
    SignInSource.objects.exclude(source=UNKNOWN_SOURCES).exclude(source__startswith=kind).delete()
    source = SignInSource.objects.filter(source__startswith=kind)
    source.update(failures=MOST - 1)
    assert session_sign_in(browser, password="wrong").status_code == 400
    source.update(not_before="2026-01-01T00:00Z")
    assert session_sign_in(browser).json()["code"] == "sign_in_stopped"


@pytest.mark.parametrize("kind", [devices.DEVICE, devices.NETWORK])
def test_trust_ends_with_time(stopped, kind):
    browser = known_browser_of_stopped(stopped)
    SignInSource.objects.exclude(source=UNKNOWN_SOURCES).exclude(source__startswith=kind).delete()
    with time_machine.travel(time.time(), tick=False) as clock:
        clock.shift(password_attempts.KNOWN_FOR[kind].total_seconds() + 60)
        assert session_sign_in(browser).status_code == 429


def test_a_known_device_shares_no_limit_of_its_network(alice, settings):
    browser = known_browser(alice)
    settings.ACCOUNT_RATE_LIMITS = {"sign_in": "3/h/ip", "wrong_password": "3/h/ip", "login": None}
    for number in range(4):
        fail("127.0.0.1", f"p{number}@example.com")
    assert session_sign_in(Browser()).status_code == 429
    assert session_sign_in(browser).status_code == 200


def test_a_known_device_has_a_limit_of_its_own(alice, settings):
    browser = known_browser(alice)
    settings.ACCOUNT_RATE_LIMITS = {"sign_in_device": "2/h/key", "login": None}
    codes = []
    for _ in range(3):
        codes.append(session_sign_in(browser).status_code)
        browser.send("DELETE", f"{SESSION}/auth/session")
    assert codes == [200, 200, 429]


def test_a_unix_socket_makes_no_network_known(alice):
    assert sign_in(ip="").status_code == 200
    assert SignInSource.objects.exclude(signed_in_at=None).count() == 0
