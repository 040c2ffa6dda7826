"""Waits after wrong passwords in a row, and what resets them."""

import pytest
import time_machine
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts import devices
from accounts.limits.password_attempts import FREE
from accounts.models import SignInSource, User
from tests.accounts.conftest import without_id
from tests.accounts.limits.attempts import (
    HOME,
    LOGIN,
    TOO_MANY,
    fail,
    failures,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("no_rate_limits")


def test_waits_get_longer_up_to_an_hour(alice):
    waits = []
    with time_machine.travel("2026-11-20T00:00:00Z", tick=False) as clock:
        assert [fail().status_code for _ in range(FREE)] == [401] * FREE
        for _ in range(9):
            refused = sign_in()
            assert refused.status_code == 429
            assert without_id(refused.json()) == TOO_MANY
            waits.append(int(refused["Retry-After"]))
            clock.shift(waits[-1] - 1)
            assert (
                sign_in().status_code == 429
            )  # a refused attempt neither counts nor extends the wait
            clock.shift(1)
            assert fail().status_code == 401
        clock.shift(3600)
        assert sign_in().status_code == 200
        assert [fail().status_code for _ in range(FREE + 1)] == [401] * FREE + [429]
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


@pytest.mark.parametrize("email", ["ALICE@example.com", " alice@Example.com "])
def test_forms_of_an_address_are_one(alice, email):
    codes = [fail(email=email).status_code for _ in range(FREE)]
    assert [*codes, fail().status_code] == [401] * FREE + [429]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("203.0.113.1", "203.0.113.2", False),
        ("::ffff:203.0.113.1", "203.0.113.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)
def test_what_a_network_is(alice, first, second, is_one):
    for _ in range(FREE):
        fail(first)
    assert fail(second).status_code == (429 if is_one else 401)


def test_hosts_cookies_and_forged_addresses_give_no_new_attempts(alice):
    def attempt(number):
        client = APIClient(HTTP_HOST=["testserver", "localhost", "127.0.0.1"][number % 3])
        client.cookies["device"] = f"{number:043d}"
        body = {"email": alice.email, "password": "wrong"}
        return client.post(LOGIN, body, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}").status_code

    assert [attempt(number) for number in range(FREE + 2)] == [401] * FREE + [429] * 2


def test_another_account_can_still_sign_in(alice, bob):
    for _ in range(FREE + 1):
        fail()
    assert sign_in(bob.email).status_code == 200


def test_counts_outlast_a_restart(alice):
    for _ in range(FREE):
        fail()
    cache.clear()
    assert fail().status_code == 429


def test_success_takes_back_the_failures_of_its_own_network_alone(alice):
    for _ in range(3):
        fail(HOME)
        fail()
    assert failures()[""] == 6
    assert sign_in(ip=HOME).status_code == 200
    assert failures()[""] == 3
    counts = SignInSource.objects.filter(source__startswith=devices.NETWORK)
    assert sorted(counts.values_list("failures", flat=True)) == [0, 3]


def test_a_known_source_counts_for_itself(alice):
    assert sign_in(ip=HOME).status_code == 200
    for _ in range(FREE):
        fail(HOME)
    assert failures() == {"": 0, "network": FREE}


def test_an_inactive_user_counts_like_a_wrong_password(alice):
    User.objects.update(is_active=False)
    assert [sign_in().status_code for _ in range(FREE + 1)] == [401] * FREE + [429]
