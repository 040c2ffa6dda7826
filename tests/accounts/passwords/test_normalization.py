"""Passwords are taken as typed everywhere, and match however a keyboard composes them."""

import unicodedata
from typing import ClassVar

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.passwords.hashers import Argon2Hasher
from accounts.passwords.normalization import normalize_password, possible_forms
from tests.accounts.conftest import SESSION, Browser

EMAIL = "dora@example.com"
SPACED = "  correct horse battery  "
KOREAN = "말과마차와배터리"
LONG = "".join(chr(0xAC01 + 91 * number) for number in range(120))  # more than 256 in NFD
NFD = unicodedata.normalize("NFD", KOREAN)


def join_by_api(password: str):
    return Client().post(
        "/accounts/join", {"email": EMAIL, "password": password}, "application/json"
    )


def join_by_session(password: str):
    return Browser().send("POST", f"{SESSION}/auth/signup", {"email": EMAIL, "password": password})


def set_by_admin(password: str):
    root = User.objects.create_superuser("root@example.com", "staple of paper")
    client = Client()
    client.force_login(root)
    form = {"email": EMAIL, "usable_password": "true", "password1": password, "password2": password}
    return client.post("/admin/accounts/user/add/", form)


def sign_in_by_api(password: str):
    return Client().post(
        "/accounts/login", {"email": EMAIL, "password": password}, "application/json"
    )


def sign_in_by_session(password: str):
    return Browser().send("POST", f"{SESSION}/auth/login", {"email": EMAIL, "password": password})


def sign_in_by_admin(password: str):
    User.objects.filter(email=EMAIL).update(is_staff=True)
    return Client().post("/admin/login/?next=/admin/", {"username": EMAIL, "password": password})


SETTING = [join_by_api, join_by_session, set_by_admin]
SIGNING_IN = [(sign_in_by_api, 401), (sign_in_by_session, 400), (sign_in_by_admin, 200)]
USED = {sign_in_by_api: 200, sign_in_by_session: 200, sign_in_by_admin: 302}


@pytest.mark.django_db
@pytest.mark.parametrize("choose", SETTING)
@pytest.mark.parametrize(("sign_in", "wrong"), SIGNING_IN)
def test_outer_spaces_count_everywhere(choose, sign_in, wrong):
    choose(SPACED)
    assert sign_in(SPACED.strip()).status_code == wrong
    assert sign_in(SPACED).status_code == USED[sign_in]


@pytest.mark.django_db
@pytest.mark.parametrize("choose", SETTING)
@pytest.mark.parametrize(("sign_in", "wrong"), SIGNING_IN)
@pytest.mark.parametrize(
    ("chosen", "typed"),
    [(KOREAN, NFD), (NFD, KOREAN), ("ｓｔａｐｌｅ８ｐａｐｅｒ", "staple8paper")],
)
def test_composition_does_not_matter(choose, sign_in, wrong, chosen, typed):
    choose(chosen)
    assert sign_in(typed).status_code == USED[sign_in]


@pytest.mark.django_db
@pytest.mark.parametrize("old", [NFD, SPACED, SPACED.strip(), f" {NFD}"])
@pytest.mark.parametrize(("sign_in", "wrong"), SIGNING_IN)
def test_hashes_of_before_still_verify(old, sign_in, wrong):
    """Hashed as typed, or as API and session trimmed it."""
    User.objects.create(email=EMAIL, password=make_password(old))
    typed = SPACED if old == SPACED.strip() else old
    assert sign_in(typed).status_code == USED[sign_in]


@pytest.fixture
def dora(db) -> User:
    return User.objects.create_user(EMAIL, SPACED)


@pytest.fixture
def doras_browser(dora) -> Browser:
    browser = Browser()
    body = {"email": EMAIL, "password": SPACED}
    assert browser.send("POST", f"{SESSION}/auth/login", body).status_code == 200
    return browser


def test_change_by_profile(dora, doras_browser):
    new = f" {NFD} "
    body = {"current_password": SPACED, "new_password": new}
    wrong = {**body, "current_password": SPACED.strip()}
    assert doras_browser.send("PATCH", "/accounts/profile", wrong).status_code == 400
    assert doras_browser.send("PATCH", "/accounts/profile", body).status_code == 200
    dora.refresh_from_db()
    assert dora.check_password(f" {KOREAN} ")
    assert not dora.check_password(KOREAN)


def test_leaving(dora, doras_browser):
    path = "/accounts/profile"
    assert doras_browser.send("DELETE", path, {"password": SPACED.strip()}).status_code == 400
    assert doras_browser.send("DELETE", path, {"password": SPACED}).status_code == 204


def test_reset(dora, mailoutbox):
    browser = Browser()
    browser.send("POST", f"{SESSION}/auth/password/request", {"email": EMAIL})
    key = mailoutbox[0].body.partition("/reset")[2].split()[0].lstrip("/#")
    body = {"key": key, "password": f" {NFD} "}
    assert browser.send("POST", f"{SESSION}/auth/password/reset", body).status_code in {200, 401}
    dora.refresh_from_db()
    assert dora.check_password(f" {KOREAN} ")
    assert not dora.check_password(KOREAN)


@pytest.mark.django_db
@pytest.mark.parametrize("choose", SETTING[:2])
def test_a_length_is_that_of_the_hashed_form(choose):
    assert choose(unicodedata.normalize("NFD", "각" * 7)).status_code == 400  # 21 as typed
    assert choose(unicodedata.normalize("NFD", LONG)).status_code in {200, 201}


class Counting(Argon2Hasher):
    hashed: ClassVar[list[str]] = []

    def encode(self, password, salt):
        self.hashed.append(password)
        return super().encode(password, salt)

    def verify(self, password, encoded):
        self.hashed.append(password)
        return super().verify(password, encoded)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["plain", NFD, f" {KOREAN}", f" {NFD} "])
def test_an_unknown_address_takes_as_many_hashes(typed, settings):
    """The time of a refusal must not show whether there is an account."""
    User.objects.create_user(EMAIL, "another password")
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    counts = []
    for email in (EMAIL, "nobody@example.com"):
        Counting.hashed.clear()
        body = {"email": email, "password": typed}
        Client().post("/accounts/login", body, "application/json")
        counts.append(len(Counting.hashed))
    assert counts == [len(possible_forms(typed))] * 2


@given(st.text(min_size=1, max_size=30))
def test_possible_forms_are_few_and_begin_with_the_normalized_one(password):
    forms = possible_forms(password)
    assert 1 <= len(forms) <= 3
    assert "" not in forms
    assert normalize_password(forms[0]) == forms[0]
    assert possible_forms(forms[0])[0] == forms[0]
