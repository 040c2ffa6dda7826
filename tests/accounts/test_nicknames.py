"""Nicknames in API, session, profile and administration."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.nicknames import LONGEST, clean_nickname, is_reserved
from config import text
from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD, make_user

BAD = {
    "override": "\u202enimda",
    "isolate": "ali\u2066ce",
    "mark of direction": "ali\u200fce",
    "zero width": "ali\u200bce",
    "at the end": "alice\u200b",
    "soft hyphen": "ali\u00adce",
    "Hangul filler": "\u3164",
    "blank Braille": "\u2800",
    "selector": "ali\ufe0fce",
    "tags": "alice\U000e0041",
    "newline": "alice\nbob",
    "line separator": "alice\u2028bob",
    "escape": "alice\x1b[0m",
    "NUL": "ali\x00ce",
    "C1": "ali\x85ce",
}
GOOD = {
    "  Alice   in\u3000Seoul ": "Alice in Seoul",
    "e\u0301va": "éva",
    "\u1112\u1161\u11ab": "한",
    "👩\u200d🚀 ❤\ufe0f": "👩\u200d🚀 ❤\ufe0f",
    "می\u200cخواهم": "می\u200cخواهم",
    "": "",
    "   ": "",
}
RESERVED = [
    *(
        "admin",
        "Admin",
        "ADMIN",
        "ａｄｍｉｎ",
        "a d m i n",
        "ad-min",
        "admin.",
        "admin1",
        "the admin",
    ),
    *("Аdmіn", "ΑDMIN", "ᴀᴅᴍɪɴ", "🅰🅳🅼🅸🅽", "ⓐⓓⓜⓘⓝ", "ádmïn", "adm1n", "adrnin", "@dmin", "admın"),
    *(
        "Daesa",
        "Đaesa",
        "Daеsa Team",
        "daesa_bot",
        "대사",
        "대 사",
        "대사님",
        "\u1103\u1162\u1109\u1161",
    ),
    *(
        "관리자",
        "운영자님",
        "운영진",
        "게시판",
        "시스템",
        "staff",
        "ＳＴＡＦＦ",
        "mоderator",
        "system",
    ),
    *("board", "the Board", "Board Admin", "administrator", "root", "official"),
]
FREE = [
    "Alice",
    "대사관",
    "boardgamer",
    "team",
    "님",
    "42",
    "system of a down",
    "Administrata",
    "모드",
]


def by_api(name: str):
    body = {"email": "dora@example.com", "password": "staple of paper", "nickname": name}
    return Client().post("/accounts/join", body, "application/json")


def by_session(name: str):
    body = {"email": "dora@example.com", "password": "staple of paper", "nickname": name}
    return Browser().send("POST", f"{SESSION}/auth/signup", body)


def by_profile(method: str):
    def change(name: str):
        make_user("dora")
        browser = Browser()
        browser.send(
            "POST", f"{SESSION}/auth/login", {"email": "dora@example.com", "password": PASSWORD}
        )
        return browser.send(method, "/accounts/profile", {"nickname": name})

    return change


WAYS = {
    "api": by_api,
    "session": by_session,
    "put": by_profile("PUT"),
    "patch": by_profile("PATCH"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", BAD)
def test_what_shows_nothing_is_refused(way, kind):
    response = WAYS[way](BAD[kind])
    assert response.status_code == 400
    assert [error["code"] for error in response.json()["errors"]] == ["invisible_characters"]
    assert not User.objects.exclude(nickname="dora").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("written", GOOD)
def test_what_is_stored(way, written):
    assert WAYS[way](written).status_code in {200, 201}
    assert User.objects.get().nickname == GOOD[written]


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["admin", "Dаesa", "운영자"])
def test_the_sites_names_are_kept(way, name):
    response = WAYS[way](name)
    assert response.status_code == 400
    assert [error["code"] for error in response.json()["errors"]] == ["reserved"]


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
def test_length_limits_apply_to_the_stored_form(way):
    response = WAYS[way]("\u0958" * LONGEST)  # two characters each in NFC
    assert response.status_code == 400
    assert [error["code"] for error in response.json()["errors"]] == ["max_length"]


@pytest.mark.parametrize("name", RESERVED)
def test_names_that_look_like_the_sites(name):
    assert is_reserved(name)


@pytest.mark.parametrize("name", FREE)
def test_other_names_are_free(name):
    assert not is_reserved(name)


def test_staff_may_have_them(as_staff, staff):
    assert as_staff.put("/accounts/profile", {"nickname": "Admin"}).status_code == 200
    staff.refresh_from_db()
    assert staff.nickname == "Admin"


def test_a_reserved_name_that_a_user_already_has_is_kept(as_alice, alice):
    User.objects.filter(pk=alice.pk).update(nickname="Moderator")
    body = {"nickname": "Moderator", "review_emails": False}
    assert as_alice.put("/accounts/profile", body).status_code == 200


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", ["admin", "a\u200bb"])
def test_the_refusal_is_said_in_both_languages(as_alice, language, name):
    body = as_alice.patch(
        "/accounts/profile", {"nickname": name}, headers={"Accept-Language": language}
    ).json()
    [error] = body["errors"]
    assert error["detail"].isascii() is (language == "en")


@pytest.mark.django_db
class TestAdministration:
    @pytest.fixture
    def page(self, staff, client):
        client.force_login(staff)
        return client

    def change(self, page, person, **fields):
        form = {"email": person.email, "nickname": person.nickname, "is_active": "on", **fields}
        return page.post(f"/admin/accounts/user/{person.pk}/change/", form)

    @pytest.mark.parametrize("kind", BAD)
    def test_refuses_the_same(self, page, bob, kind):
        response = self.change(page, bob, nickname=BAD[kind])
        assert response.status_code == 200
        assert "nickname" in response.context["adminform"].form.errors
        bob.refresh_from_db()
        assert bob.nickname == "bob"

    def test_stores_the_same(self, page, bob):
        assert self.change(page, bob, nickname=" e\u0301va ").status_code == 302
        bob.refresh_from_db()
        assert bob.nickname == "éva"

    def test_staff_give_the_sites_names(self, page, bob):
        assert self.change(page, bob, nickname="Moderator").status_code == 302
        bob.refresh_from_db()
        assert bob.nickname == "Moderator"

    def test_a_new_person(self, page):
        form = {
            "email": "Dora@exa\u0308mple.com",
            "nickname": "Do\u200bra",
            "usable_password": "true",
            "password1": "staple of paper",
            "password2": "staple of paper",
        }
        response = page.post("/admin/accounts/user/add/", form)
        assert set(response.context["adminform"].form.errors) == {"nickname"}
        page.post("/admin/accounts/user/add/", {**form, "nickname": "Dora"})
        assert User.objects.filter(email="dora@xn--exmple-cua.com", nickname="Dora").exists()


def taken(name: str) -> str | None:
    try:
        return clean_nickname(name)
    except ValidationError:
        return None


@given(st.text(max_size=20))
def test_a_taken_name_shows_all_that_it_has(name):
    clean = taken(name)
    if clean is not None:
        assert clean == taken(clean) == text.one_line(clean)
        assert "".join(clean.split()) == "".join(text.stored(name).split())
