"""A new password ends the tokens and sessions of other devices; a new hash of the same password
does not.
"""

import threading
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts.authentication import FIELDS
from accounts.models import User
from accounts.tokens import issue
from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD, make_user

NEW = "staple of paper"
PBKDF2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
# The hasher's parameters change, as by a new release or setting.
USUAL, WEAKER = settings.PASSWORD_HASHERS, ["tests.hashers.Weaker"]


class Devices:
    """An access token, a refresh token and a session from before the test's change."""

    def __init__(self, user: User) -> None:
        self.pair = issue(user)
        self.browser = Client()
        self.browser.force_login(user)

    def live(self) -> tuple[bool, bool, bool]:
        program = APIClient(HTTP_AUTHORIZATION=f"Bearer {self.pair['access']}")
        verify = {"token": self.pair["refresh"]}
        return (
            program.get("/accounts/profile").status_code == 200,
            APIClient().post("/accounts/token/verify", verify).status_code == 200,
            self.browser.get("/accounts/profile").status_code == 200,
        )


def token_sign_in(password=PASSWORD) -> int:
    body = {"email": "alice@example.com", "password": password}
    return APIClient().post("/accounts/login", body).status_code


def session_sign_in() -> int:
    body = {"email": "alice@example.com", "password": PASSWORD}
    return Browser().send("POST", f"{SESSION}/auth/login", body).status_code


def admin_sign_in() -> int:
    User.objects.update(is_staff=True)
    body = {"username": "alice@example.com", "password": PASSWORD}
    return 200 if Client().post("/admin/login/", body).status_code == 302 else 0


@pytest.mark.parametrize("sign_in", [token_sign_in, session_sign_in, admin_sign_in])
def test_a_new_hash_of_the_same_password_ends_nothing(alice, settings, sign_in):
    devices, hashes = [Devices(alice)], {alice.password}
    for settings.PASSWORD_HASHERS in (WEAKER, USUAL, WEAKER):
        assert sign_in() == 200
        alice.refresh_from_db()
        hashes.add(alice.password)
        assert [device.live() for device in devices] == [(True, True, True)] * len(devices)
        devices.append(Devices(alice))
    assert len(hashes) == 4, "the hash was renewed each time"
    assert devices[-1].live() == (True, True, True)


def by_profile(alice):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert client.patch("/accounts/profile", body).status_code == 200


def by_set_password(alice):
    alice.set_password(NEW)
    alice.save()


def by_same_password_again(alice):
    """Setting the same password again still ends other sessions."""
    alice.set_password(PASSWORD)
    alice.save(update_fields=["password"])


def by_hand(alice):
    """The change as an earlier release makes it, without kept stamps."""
    User.objects.filter(pk=alice.pk).update(password=make_password(NEW))


CHANGES = [by_profile, by_set_password, by_same_password_again, by_hand]


@pytest.mark.parametrize("was_renewed", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_a_new_password_ends_everything(alice, settings, was_renewed, change):
    devices = [Devices(alice)]
    if was_renewed:
        settings.PASSWORD_HASHERS = WEAKER
        assert token_sign_in() == 200
        alice.refresh_from_db()
        devices.append(Devices(alice))
    change(alice)
    assert {device.live() for device in devices} == {(False, False, False)}


def test_tokens_and_sessions_from_before_stay_good(alice):
    """Without a renewed hash the stamps equal those of simplejwt and Django."""
    assert alice.kept_stamps == ""
    assert alice.token_stamp() == get_md5_hash_password(alice.password)
    assert alice.get_session_auth_hash() == alice._get_session_auth_hash()


def test_another_kind_of_hash(alice, settings):
    device = Devices(alice)
    settings.PASSWORD_HASHERS = [PBKDF2, *settings.PASSWORD_HASHERS]
    assert token_sign_in() == 200
    alice.refresh_from_db()
    assert alice.password.startswith("pbkdf2")
    assert device.live() == (True, True, True)


def test_the_look_at_a_token_stays_one_query(alice, settings, django_assert_num_queries):
    settings.PASSWORD_HASHERS = WEAKER
    token_sign_in()
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    assert "kept_stamps" in FIELDS
    with django_assert_num_queries(1):
        assert client.get("/models").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_renewing_a_hash_does_not_undo_a_concurrent_new_password(settings):
    """The sign-in has checked the former password and is about to store its new hash."""
    alice = make_user("alice")
    settings.PASSWORD_HASHERS = WEAKER
    about_to, may_go_on = threading.Event(), threading.Event()

    def slowly(raw, *args, **kwargs):
        about_to.set()
        may_go_on.wait(5)
        return make_password(raw, *args, **kwargs)

    def sign_in():
        token_sign_in()
        connection.close()

    with patch.object(hashers, "make_password", slowly):
        thread = threading.Thread(target=sign_in)
        thread.start()
        assert about_to.wait(10)
        User.objects.filter(pk=alice.pk).update(password=make_password(NEW))
        may_go_on.set()
        thread.join(10)
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert not alice.check_password(PASSWORD)
