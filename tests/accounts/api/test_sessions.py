"""/accounts/sessions."""

from datetime import timedelta
from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import sessions, tokens
from accounts.models import SecurityEvent, TokenFamily, User
from accounts.tokens import issue
from chat.live import readers
from tests.accounts.conftest import SESSION, Browser, former_token
from tests.factories import PASSWORD

URL = "/accounts/sessions"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOW = "2026-11-20T09:00:00+09:00"


def open_browser(user, agent=FIREFOX) -> Browser:
    browser = Browser()
    body = {"email": user.email, "password": PASSWORD}
    answer = browser.send("POST", f"{SESSION}/auth/login", body, **{"User-Agent": agent})
    assert answer.status_code == 200
    return browser


def program_of(pair) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")


def listed(client) -> list:
    response = client.get(URL)
    assert response.status_code == 200
    return response.json()["results"]


def is_in(client) -> bool:
    return client.get("/accounts/profile").status_code == 200


def id_of(client) -> str:
    [own] = [one["id"] for one in listed(client) if one["is_current"]]
    return own


def test_the_list(alice, bob, time_machine):
    time_machine.move_to(NOW, tick=False)
    open_browser(bob)
    browser = open_browser(alice)
    time_machine.shift(60)
    pair = issue(alice, user_agent="python-requests/2.32", ip_address="203.0.113.7")
    response = browser.get(URL)
    program, session = response.json()["results"]
    base = "http://testserver/accounts/sessions"
    assert session == {
        "id": str(UUID(sessions.session_id(browser.session.session_key))),
        "kind": "browser",
        "program": "Firefox",
        "system": "Windows",
        "user_agent": FIREFOX,
        "ip_address": "127.0.0.1",
        "created_at": NOW,
        "last_seen_at": NOW,
        "is_current": True,
        "links": [{"rel": "delete", "href": f"{base}/{session['id']}", "method": "DELETE"}],
    }
    assert program | {"id": None, "links": None} == {
        "id": None,
        "kind": "program",
        "program": "python-requests",
        "system": "",
        "user_agent": "python-requests/2.32",
        "ip_address": "203.0.113.7",
        "created_at": "2026-11-20T09:01:00+09:00",
        "last_seen_at": "2026-11-20T09:01:00+09:00",
        "is_current": False,
        "links": None,
    }
    assert response.json()["links"] == [
        {"rel": "self", "href": base, "method": "GET"},
        {"rel": "delete-others", "href": base, "method": "DELETE"},
    ]
    assert [one["is_current"] for one in listed(program_of(pair))] == [True, False]
    assert browser.session.session_key not in response.content.decode()


def test_it_takes_as_many_statements_for_many(alice, client_for, django_assert_num_queries):
    client = client_for(alice)
    for _ in range(5):
        open_browser(alice)
        issue(alice)
    with django_assert_num_queries(4):  # the token, the sessions twice, the families
        assert len(listed(client)) == 11


def test_those_that_are_no_use_are_not_listed(alice, client_for, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for change in ({"expire_date": timezone.now()}, {"session_data": "garbage"}):
        key = open_browser(alice).session.session_key
        Session.objects.filter(session_key=key).update(**change)
    Session.objects.filter(session_key=open_browser(alice).session.session_key).delete()
    TokenFamily.objects.create(user=alice, sid="f" * 32, expires_at=timezone.now(), ends_at=NOW)
    assert len(listed(client_for(alice))) == 1
    assert not UserSession.objects.exists()


def test_a_password_changed_by_sql_lists_no_session(alice, bob, client_for):
    open_browser(alice)
    User.objects.filter(pk=alice.pk).update(password=bob.password + "x")
    alice.refresh_from_db()
    assert [one["kind"] for one in listed(client_for(alice))] == ["program"]


# --- Last seen ----------------------------------------------------------------------------------


def test_a_use_is_stored_at_most_every_five_minutes(alice, time_machine):
    time_machine.move_to(NOW, tick=False)
    browser = open_browser(alice)
    seen = []
    for minutes in (0, 2, 2, 2, 2):
        time_machine.shift(timedelta(minutes=minutes))
        browser.get("/models")
        seen.append(UserSession.objects.get().last_seen_at.minute)
    assert seen == [0, 0, 0, 6, 6]


def test_a_request_by_a_session_takes_no_statement_more(alice, django_assert_num_queries):
    browser = open_browser(alice)
    with django_assert_num_queries(2):  # the session, its user
        browser.get("/models")


def test_another_process_stores_it_too(alice, time_machine):
    """Each process remembers what it has stored; the row says when another one did."""
    time_machine.move_to(NOW, tick=False)
    browser = open_browser(alice)
    time_machine.shift(60)
    sessions.due.clear()
    browser.get("/models")
    assert UserSession.objects.get().last_seen_at.minute == 1


def test_a_session_of_the_release_before_gets_its_row(alice):
    browser = open_browser(alice)
    UserSession.objects.all().delete()
    sessions.due.clear()
    browser.get("/models", headers={"User-Agent": FIREFOX})
    assert [one["program"] for one in listed(browser)] == ["Firefox"]


def test_what_is_remembered_is_bounded(alice):
    sessions.due.update((f"session {number}", 0) for number in range(sessions.MOST_REMEMBERED))
    open_browser(alice)
    assert len(sessions.due) == 1


def test_a_caller_without_an_address(alice):
    """Behind a Unix socket. PostgreSQL takes no other text for an address."""
    browser = Browser()
    body = {"email": alice.email, "password": PASSWORD}
    token = browser.cookies["csrftoken"].value
    answer = browser.post(
        f"{SESSION}/auth/login",
        body,
        content_type="application/json",
        headers={"X-CSRFToken": token},
        REMOTE_ADDR="",
    )
    assert answer.status_code == 200
    assert [one["ip_address"] for one in listed(browser)] == [None]


def test_the_administration_s_sessions_are_listed(staff):
    browser = Client()
    body = {"username": staff.email, "password": PASSWORD}
    assert browser.post("/admin/login/", body).status_code == 302
    assert [one["is_current"] for one in listed(browser)] == [True]


def test_a_new_password_keeps_this_session_listed(alice):
    browser, other = open_browser(alice), open_browser(alice)
    body = {"current_password": PASSWORD, "new_password": "staple of paper"}
    answer = browser.send("PATCH", "/accounts/profile", body, **{"User-Agent": FIREFOX})
    assert answer.status_code == 200
    [own] = listed(browser)
    assert (own["is_current"], own["program"]) == (True, "Firefox")
    assert not is_in(other)


def test_a_new_password_by_token_makes_no_session(alice, client_for):
    body = {"current_password": PASSWORD, "new_password": "staple of paper"}
    assert client_for(alice).patch("/accounts/profile", body).status_code == 200
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()


def test_the_one_not_seen_for_longest_is_signed_out(alice, time_machine):
    time_machine.move_to(NOW, tick=False)
    later, others = timezone.now() + timedelta(days=1), sessions.MOST - 3
    UserSession.objects.bulk_create(
        UserSession(user=alice, session_key=f"other {number}", ip="10.0.0.1", last_seen_at=later)
        for number in range(others)
    )
    browsers = []
    for _ in range(4):
        browsers.append(open_browser(alice))
        time_machine.shift(600)
        browsers[0].get("/models")
    assert [is_in(browser) for browser in browsers] == [True, False, True, True]
    assert UserSession.objects.count() == sessions.MOST
    assert not Session.objects.filter(session_key=browsers[1].session.session_key).exists()


# --- Ending -------------------------------------------------------------------------------------


@pytest.fixture
def by_session(alice):
    return open_browser(alice)


def delete(client, path, body=None):
    if isinstance(client, Browser):
        return client.send("DELETE", path, body)
    return client.delete(path, body)


def test_one_session(alice, by_session):
    other, third = open_browser(alice), open_browser(alice)
    assert delete(by_session, f"{URL}/{id_of(other)}").status_code == 204
    assert [is_in(one) for one in (by_session, other, third)] == [True, False, True]
    event = SecurityEvent.objects.exclude(kind="signed_in").get()
    assert (event.kind, event.ip_address) == ("session_ended", "127.0.0.1")


def test_one_program(alice, by_session):
    pair, other = issue(alice), issue(alice)
    path = f"{URL}/{UUID(tokens.read(tokens.Access, pair['access']).sid)}"
    assert delete(by_session, path).status_code == 204
    assert [is_in(program_of(one)) for one in (pair, other)] == [False, True]
    assert APIClient().post("/accounts/token/refresh", pair).status_code == 401
    assert SecurityEvent.objects.exclude(kind="signed_in").get().kind == "token_ended"
    assert delete(by_session, path).status_code == 404


def test_all_others(alice, bob, by_session):
    others = [open_browser(alice), program_of(issue(alice)), open_browser(bob)]
    assert delete(by_session, URL).status_code == 204
    assert is_in(by_session)
    assert [is_in(one) for one in others] == [False, False, True]
    event = SecurityEvent.objects.exclude(kind="signed_in").get()
    assert (event.kind, event.reason, event.details) == (
        "session_ended",
        "all_others",
        {"count": 2},
    )


def test_all_others_of_a_program(alice, by_session):
    own, other = issue(alice), issue(alice)
    assert delete(program_of(own), URL, {"password": PASSWORD}).status_code == 204
    assert [is_in(program_of(own)), is_in(program_of(other)), is_in(by_session)] == [
        *(True, False, False)
    ]


@pytest.mark.parametrize("path", [URL, f"{URL}/{UUID(int=1)}"])
def test_a_session_must_be_fresh(by_session, time_machine, path):
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    response = delete(by_session, path)
    assert (response.status_code, response.json()["code"]) == (403, "fresh_sign_in_required")
    # A password in the body is for programs; a session confirms at one place, with its factors.
    assert delete(by_session, path, {"password": PASSWORD}).status_code == 403


@pytest.mark.parametrize("path", [URL, f"{URL}/{UUID(int=1)}"])
def test_a_program_sends_the_password(alice, client_for, path):
    client = client_for(alice)
    response = client.delete(path, {})
    assert (response.status_code, response.json()["code"]) == (403, "fresh_sign_in_required")
    response = client.delete(path, {"password": "wrong"})
    assert response.json()["errors"][0]["code"] == "incorrect_password"
    assert client.delete(path, {"password": PASSWORD}).status_code in {204, 404}


def test_signing_out_this_one_needs_no_confirmation(alice, by_session, time_machine):
    program = program_of(issue(alice))
    own = [(client, f"{URL}/{id_of(client)}") for client in (by_session, program)]
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    for client, path in own:
        assert delete(client, path).status_code == 204
        assert not is_in(client)


@pytest.mark.parametrize("kind", ["session", "program"])
def test_those_of_others_are_not_there(alice, bob, client_for, by_session, kind):
    hers = by_session if kind == "session" else client_for(alice)
    path = f"{URL}/{id_of(hers)}"
    for client in (open_browser(bob), client_for(bob)):
        assert delete(client, path, {"password": PASSWORD}).status_code == 404
    assert is_in(hers)


def test_a_session_needs_its_csrf_token(by_session):
    assert by_session.delete(URL).status_code == 403
    assert by_session.delete(URL).json()["code"] == "csrf_failed"


@pytest.mark.parametrize("name", ["x", "1", "..", "%00"])
def test_garbage(alice, client_for, name):
    assert client_for(alice).delete(f"{URL}/{name}").status_code == 404


def test_a_token_of_the_release_before(alice, by_session):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {former_token(alice)}")
    assert [one["is_current"] for one in listed(client)] == [False]
    assert client.delete(URL, {"password": PASSWORD}).status_code == 204
    assert not is_in(by_session)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["one", "others", "logout", "own"])
def test_its_streams_end_and_no_others(alice, bob, way):
    browser, ended, program = open_browser(alice), open_browser(alice), issue(alice)
    ids = [sessions.session_id(one.session.session_key) for one in (browser, ended)]
    family = tokens.read(tokens.Access, program["access"]).sid
    with (
        readers.reading(alice, access_id=ids[0]) as kept,
        readers.reading(alice, access_id=ids[1]) as of_ended,
        readers.reading(alice, access_id=family) as of_program,
        readers.reading(bob, access_id=ids[1]) as of_bob,
    ):
        if way == "one":
            delete(browser, f"{URL}/{UUID(ids[1])}")
        elif way == "others":
            delete(browser, URL)
        elif way == "own":
            delete(ended, f"{URL}/{UUID(ids[1])}")
        else:
            ended.send("DELETE", f"{SESSION}/auth/session")
        assert (kept.is_dismissed, of_ended.is_dismissed) == (False, True)
        assert of_program.is_dismissed is (way == "others")
        assert not of_bob.is_dismissed


def test_signing_out_is_recorded_and_takes_the_row_along(by_session):
    assert by_session.send("POST", "/accounts/logout", {}).status_code == 204
    assert SecurityEvent.objects.exclude(kind="signed_in").get().kind == "signed_out"
    assert not UserSession.objects.exists()
