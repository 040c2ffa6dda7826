"""Signing in to the administration: the same ways, limits and second factor as elsewhere."""

import time

import pytest
import time_machine
from django.test import Client

from accounts.models import SecurityEvent
from tests.accounts.mfa.factors import (
    AUTHENTICATE,
    code_of,
    give_recovery_codes,
    give_totp,
    sign_in,
    wrong_code,
)
from tests.factories import PASSWORD, make_quote

ADMIN, SIGN_IN = "/admin/", "/admin/login/"
EXPORT = "/quote/export"


@pytest.fixture
def page_dir(settings, tmp_path):
    settings.PAGE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def with_page(page_dir):
    (page_dir / "index.html").write_text("the page")


@pytest.fixture
def protected_staff(staff):
    give_totp(staff)
    return staff


def credentials(user, **more):
    return {"username": user.email, "password": PASSWORD, **more}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def is_open(client):
    return client.get(ADMIN).status_code == 200


# --- With the page: one way --------------------------------------------------------------------


@pytest.mark.usefixtures("with_page")
@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_sign_in_on_the_page(staff, client, method):
    answer = client.get("/admin/quotes/quote/?q=a", follow=True)
    assert answer.redirect_chain[-1] == ("/login?next=%2Fadmin%2Fquotes%2Fquote%2F%3Fq%3Da", 302)
    answer = getattr(client, method)(SIGN_IN, credentials(staff))
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=%2Fadmin%2F")
    assert not is_open(client)


@pytest.mark.usefixtures("with_page")
@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/chat", ""])
def test_next_stays_in_the_administration(client, db, where):
    assert client.get(SIGN_IN, {"next": where})["Location"] == "/login?next=%2Fadmin%2F"


@pytest.mark.usefixtures("with_page")
def test_others_are_told_that_it_is_for_staff(alice):
    client = signed_in(alice)
    answer = client.get(ADMIN, follow=True)
    assert answer.status_code == 403
    assert "Only staff can open this administration" in answer.content.decode()
    answer = client.post(SIGN_IN, {"again": "yes", "next": ADMIN})
    assert answer["Location"] == "/login?next=%2Fadmin%2F"
    assert client.get("/accounts/profile").status_code == 401


@pytest.mark.usefixtures("with_page")
def test_the_password_alone_does_not_open_it(protected_staff):
    browser = sign_in(protected_staff)
    assert not is_open(browser)
    assert browser.send("POST", AUTHENTICATE, {"code": code_of()}).status_code == 200
    assert is_open(browser)


# --- Without the page: a form -------------------------------------------------------------------


@pytest.mark.usefixtures("page_dir")
@pytest.mark.parametrize(
    ("code", "enters"),
    [(None, False), ("", False), (wrong_code, False), (code_of, True), ("recovery", True)],
)
def test_the_form_asks_for_the_code(protected_staff, client, code, enters):
    recovery = give_recovery_codes(protected_staff)[0]
    given = recovery if code == "recovery" else code() if callable(code) else code
    body = credentials(protected_staff, **({} if given is None else {"code": given}))
    client.post(SIGN_IN, body)
    assert is_open(client) is enters
    assert 'name="code"' in Client().get(SIGN_IN).content.decode()


@pytest.mark.usefixtures("page_dir")
def test_a_code_works_once_in_the_form_too(protected_staff):
    body = credentials(protected_staff, code=code_of())
    clients = [Client(), Client()]
    for client in clients:
        client.post(SIGN_IN, body)
    assert [is_open(client) for client in clients] == [True, False]


@pytest.mark.usefixtures("page_dir")
@pytest.mark.parametrize("what", ["password", "code"])
def test_brute_force_of_the_form(protected_staff, what):
    for number in range(5):
        wrong = {"password": f"wrong {number}"} if what == "password" else {"code": wrong_code()}
        Client().post(SIGN_IN, {**credentials(protected_staff, code="000000"), **wrong})
    client = Client()
    answer = client.post(SIGN_IN, credentials(protected_staff, code=code_of()))
    assert "Too many attempts" in answer.content.decode()
    assert not is_open(client)


@pytest.mark.usefixtures("page_dir")
def test_the_form_gives_a_new_session_key(staff, client):
    client.get(ADMIN)
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    client.post(SIGN_IN, credentials(staff))
    assert is_open(client)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_open(thief)


# --- Idle ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", ["password", "code"])
def test_after_idling_staff_confirm(staff, settings, factor):
    settings.ADMIN_IDLE_MINUTES = 30
    if factor == "code":
        give_totp(staff)
    with time_machine.travel(time.time(), tick=False) as clock:
        client = signed_in(staff)
        for _ in range(3):
            clock.shift(29 * 60)
            assert is_open(client)
        clock.shift(30 * 60)
        answer = client.get("/admin/quotes/quote/", follow=True)
        assert "confirm that it is still you" in answer.content.decode()
        assert client.get("/accounts/profile").status_code == 200
        for wrong in ("wrong", "000000"):
            client.post(SIGN_IN, {factor: wrong})
            assert not is_open(client)
        right = {"password": PASSWORD} if factor == "password" else {"code": code_of()}
        answer = client.post(SIGN_IN, {**right, "next": "/admin/quotes/quote/"})
        assert answer["Location"] == "/admin/quotes/quote/"
        assert is_open(client)


def test_brute_force_of_the_confirmation(staff):
    client = signed_in(staff)
    with time_machine.travel(time.time() + 3600, tick=False):
        for number in range(5):
            client.post(SIGN_IN, {"password": f"wrong {number}"})
        answer = client.post(SIGN_IN, {"password": PASSWORD})
        assert "Too many attempts" in answer.content.decode()
        assert not is_open(client)


def test_without_password_and_app_they_sign_in_again(staff):
    staff.set_unusable_password()
    staff.save()
    client = signed_in(staff)
    with time_machine.travel(time.time() + 3600, tick=False):
        for answer in (client.get(SIGN_IN), client.post(SIGN_IN, {})):
            text = answer.content.decode()
            assert 'name="again"' in text
            assert 'name="password"' not in text
        assert not is_open(client)


def test_who_becomes_staff_confirms(alice):
    client = signed_in(alice)
    alice.is_staff = alice.is_superuser = True
    alice.save()
    assert not is_open(client)
    client.post(SIGN_IN, {"password": PASSWORD})
    assert is_open(client)


def test_requests_elsewhere_cost_nothing_more(staff, django_assert_num_queries):
    client = signed_in(staff)
    with django_assert_num_queries(2):  # the session and the user
        client.get("/models")


# --- REQUIRE_STAFF_MFA --------------------------------------------------------------------------


def test_staff_need_a_factor(staff, client_for, settings):
    make_quote(staff, is_apply=True)
    settings.REQUIRE_STAFF_MFA = True
    client, program = signed_in(staff), client_for(staff)
    answer = client.get(ADMIN, follow=True)
    assert answer.status_code == 403
    assert "Staff of this site need a second factor" in answer.content.decode()
    for api in (client, program):
        answer = api.get(EXPORT)
        assert (answer.status_code, answer.json()["code"]) == (403, "staff_need_second_factor")
        assert api.get("/accounts/profile").status_code == 200
    give_recovery_codes(staff)  # alone no factor
    assert not is_open(client)
    give_totp(staff)
    assert is_open(client)
    assert client.get(EXPORT).status_code == program.get(EXPORT).status_code == 200


@pytest.mark.usefixtures("with_page")
def test_it_says_where_to_add_one(staff, settings):
    settings.REQUIRE_STAFF_MFA = True
    assert 'href="/settings/security"' in signed_in(staff).get(SIGN_IN).content.decode()


def test_others_need_none(alice, settings):
    settings.REQUIRE_STAFF_MFA = True
    assert sign_in(alice).get("/accounts/profile").status_code == 200


# --- The own password ---------------------------------------------------------------------------


def test_the_old_password_is_counted(staff):
    client = signed_in(staff)
    body = {"new_password1": "staple of paper", "new_password2": "staple of paper"}
    for number in range(5):
        client.post("/admin/password_change/", {**body, "old_password": f"wrong {number}"})
    answer = client.post("/admin/password_change/", {**body, "old_password": PASSWORD})
    assert "Too many attempts" in answer.content.decode()
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)


def test_refused_codes_are_in_the_trail(protected_staff, client, settings, tmp_path):
    settings.PAGE_DIR = tmp_path
    client.post(SIGN_IN, credentials(protected_staff, code=wrong_code()))
    kinds = SecurityEvent.objects.values_list("kind", "reason")
    assert list(kinds) == [("factor_refused", "wrong_code")]
