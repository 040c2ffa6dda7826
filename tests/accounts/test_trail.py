"""The trail of security events: what is recorded, for whom, and for how long."""

import logging
from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import trail
from accounts.devices import LONGEST_AGENT
from accounts.models import SecurityEvent, User
from accounts.trail import Kind
from tests.concurrently import at_once
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

EVENTS = "/accounts/events"
LOGIN = "/accounts/login"
SESSION_LOGIN = "/_allauth/browser/v1/auth/login"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@pytest.fixture
def as_super(staff):
    client = Client()
    client.force_login(staff)
    return client


def kinds_of(user) -> list[tuple[str, str]]:
    return [(event.kind, event.reason) for event in trail.of(user).order_by("pk")]


def test_a_sign_in_for_tokens(alice, client):
    body = {"email": alice.email, "password": PASSWORD}
    client.post(LOGIN, body, content_type="application/json", headers={"user-agent": AGENT})
    [event] = trail.of(alice)
    assert (event.kind, event.details, event.user_agent) == (
        Kind.SIGNED_IN,
        {"by": "tokens"},
        AGENT,
    )
    assert event.ip_address == "127.0.0.1"


def test_a_session_begins_and_ends(alice, client):
    body = {"email": alice.email, "password": PASSWORD}
    assert client.post(SESSION_LOGIN, body, content_type="application/json").status_code == 200
    client.delete("/_allauth/browser/v1/auth/session")
    assert kinds_of(alice) == [(Kind.SIGNED_IN, ""), (Kind.SIGNED_OUT, "")]
    assert trail.of(alice).last().details == {"by": "session"}


@pytest.mark.parametrize("url", [LOGIN, SESSION_LOGIN])
@pytest.mark.parametrize(
    ("is_active", "password", "reason"),
    [(True, "not the password", "wrong_password"), (False, PASSWORD, "inactive")],
)
def test_a_refusal(alice, client, url, is_active, password, reason):
    User.objects.filter(pk=alice.pk).update(is_active=is_active)
    for _ in range(2):
        body = {"email": alice.email, "password": password}
        client.post(url, body, content_type="application/json")
    [event] = trail.of(alice)
    assert (event.kind, event.reason, event.count) == (Kind.SIGN_IN_REFUSED, reason, 2)


def test_a_refusal_of_an_unknown_address_is_only_logged(client, caplog):
    caplog.set_level(logging.INFO)
    body = {"email": "nobody@example.com", "password": PASSWORD}
    client.post(LOGIN, body, content_type="application/json")
    assert not SecurityEvent.objects.exists()
    assert "sign-in refused: unknown_address" in caplog.messages
    assert "nobody@example.com" not in caplog.text


def test_a_person_who_joins(client):
    body = {"email": "dora@example.com", "password": "staple of paper"}
    assert client.post("/accounts/join", body, content_type="application/json").status_code == 201
    dora = User.objects.get(email="dora@example.com")
    assert kinds_of(dora) == [(Kind.JOINED, ""), (Kind.SIGNED_IN, "")]


def test_a_changed_password(alice, as_alice):
    body = {"current_password": PASSWORD, "new_password": "staple of paper"}
    assert as_alice.patch("/accounts/profile", body).status_code == 200
    assert kinds_of(alice) == [(Kind.PASSWORD_CHANGED, "by_user")]


def test_leaving_takes_the_trail_along(alice, client):
    trail.record(alice, Kind.TOKEN_MADE)
    client.force_login(alice)
    body = {"password": PASSWORD}
    response = client.delete("/accounts/profile", body, content_type="application/json")
    assert response.status_code == 204
    assert not SecurityEvent.objects.exists()


# --- By staff -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "kind", "details"),
    [
        ({"daily_limit": "50"}, Kind.LIMIT_CHANGED, {"daily_limit": 50}),
        ({"is_staff": "on"}, Kind.ROLE_CHANGED, {"is_staff": True}),
        ({"is_active": ""}, Kind.STATE_CHANGED, {"is_active": False}),
        ({"email": "a2@example.com"}, Kind.ADDRESS_CHANGED, {"email": True}),
        ({"nickname": "another"}, None, {}),
    ],
)
def test_what_staff_change(alice, staff, as_super, change, kind, details):
    form = {"email": alice.email, "nickname": alice.nickname, "is_active": "on", **change}
    response = as_super.post(
        f"/admin/accounts/user/{alice.pk}/change/", {k: v for k, v in form.items() if v}
    )
    assert response.status_code == 302
    found = [(e.kind, e.reason, e.actor, e.details) for e in trail.of(alice)]
    assert found == ([(kind, "by_staff", staff, details)] if kind else [])


def test_a_password_that_staff_set(alice, staff, as_super):
    body = {"usable_password": "true", "password1": "staple of paper",
            "password2": "staple of paper"}  # fmt: skip
    as_super.post(f"/admin/accounts/user/{alice.pk}/password/", body)
    [event] = trail.of(alice)
    assert (event.kind, event.actor) == (Kind.PASSWORD_CHANGED, staff)


def test_staff_deactivate_and_activate(alice, staff, as_super):
    for action in ("deactivate", "deactivate", "activate"):
        body = {"action": action, "_selected_action": [alice.pk]}
        as_super.post("/admin/accounts/user/", body)
    found = [(e.kind, e.details, e.actor) for e in trail.of(alice).order_by("pk")]
    assert found == [
        (Kind.STATE_CHANGED, {"is_active": False}, staff),
        (Kind.STATE_CHANGED, {"is_active": True}, staff),
    ]


def test_staff_read_the_trail_and_change_nothing(alice, as_super):
    trail.record(alice, Kind.TOKEN_MADE)
    event = trail.of(alice).get()
    page = as_super.get("/admin/accounts/securityevent/", {"q": "alice"})
    assert "token made" in page.content.decode()
    assert as_super.get("/admin/accounts/securityevent/add/").status_code == 403
    url = f"/admin/accounts/securityevent/{event.pk}"
    assert as_super.post(f"{url}/change/", {"kind": "joined"}).status_code == 403
    assert as_super.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
    event.refresh_from_db()
    assert event.kind == Kind.TOKEN_MADE


# --- What users see -----------------------------------------------------------------------------


def test_users_see_their_own(alice, bob, staff, as_alice):
    trail.record(bob, Kind.TOKEN_MADE)
    trail.record(alice, Kind.LIMIT_CHANGED, actor=staff, reason="by_staff", daily_limit=9)
    trail.record(alice, Kind.PROVIDER_CONNECTED, provider="kakao")
    body = as_alice.get(EVENTS).json()
    assert body["count"] == 2
    first, second = body["results"]
    assert (first["kind"], first["text"], first["details"]) == (
        "provider_connected",
        "way to sign in connected",
        {"provider": "kakao"},
    )
    assert (first["by_staff"], second["by_staff"]) == (False, True)
    assert staff.email not in str(body)


def test_the_device_is_told_in_words(alice, as_alice, client):
    body = {"email": alice.email, "password": PASSWORD}
    client.post(LOGIN, body, content_type="application/json", headers={"user-agent": AGENT})
    [event] = as_alice.get(EVENTS).json()["results"]
    assert (event["program"], event["system"]) == ("Firefox", "Linux")


def test_guests_see_none(anonymous):
    assert anonymous.get(EVENTS).status_code == 401


# --- Bounds -------------------------------------------------------------------------------------


def with_rows(user, number, **values):
    """So many events, each a second older than the one before."""
    now = timezone.now()
    SecurityEvent.objects.bulk_create(
        SecurityEvent(user=user, created_at=now - timedelta(seconds=each), **values)
        for each in range(1, number + 1)
    )


def test_strangers_cannot_push_out_what_the_user_has_to_see(alice):
    trail.record(alice, Kind.PASSWORD_CHANGED)
    with_rows(alice, trail.MOST_OF_STRANGERS, kind=Kind.SIGN_IN_REFUSED)
    for number in range(3):
        trail.record(alice, Kind.FACTOR_REFUSED, reason=f"reason-{number}")
    assert trail.of(alice).filter(kind=Kind.PASSWORD_CHANGED).exists()
    of_strangers = trail.of(alice).filter(kind__in=trail.OF_STRANGERS)
    assert of_strangers.count() == trail.MOST_OF_STRANGERS
    assert of_strangers.filter(kind=Kind.FACTOR_REFUSED).count() == 3


def test_the_oldest_go(alice, bob):
    with_rows(alice, trail.MOST, kind=Kind.TOKEN_MADE)
    with_rows(bob, 3, kind=Kind.TOKEN_MADE)
    last = trail.of(alice).last()
    trail.record(alice, Kind.TOKEN_ENDED)
    assert trail.of(alice).count() == trail.MOST
    assert trail.of(alice).first().kind == Kind.TOKEN_ENDED
    assert not trail.of(alice).filter(pk=last.pk).exists()
    assert trail.of(bob).count() == 3


@pytest.mark.parametrize("kind", [Kind.TOKEN_MADE, Kind.PASSWORD_RESET_ASKED])
def test_the_statements_are_as_many_for_a_full_trail(alice, kind):
    with CaptureQueriesContext(connection) as empty:
        trail.record(alice, kind, reason="first")
    with_rows(alice, trail.MOST, kind=kind)
    with CaptureQueriesContext(connection) as full:
        trail.record(alice, kind, reason="second")
    assert len(full) == len(empty)


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_twice_at_once_is_counted_right(alice):
    record = partial(trail.record, alice, Kind.SIGN_IN_REFUSED, reason="wrong_password")
    for _ in range(3):
        at_once(*[record] * 5)
    assert sum(event.count for event in trail.of(alice)) == 15


def test_an_hour_later_it_is_another_event(alice):
    trail.record(alice, Kind.SIGN_IN_REFUSED, reason="wrong_password")
    trail.of(alice).update(created_at=timezone.now() - timedelta(hours=1, seconds=1))
    trail.record(alice, Kind.SIGN_IN_REFUSED, reason="wrong_password")
    assert [event.count for event in trail.of(alice)] == [1, 1]


def test_events_are_kept_for_a_year(alice):
    trail.record(alice, Kind.TOKEN_MADE)
    trail.record(alice, Kind.TOKEN_ENDED)
    year = timezone.now() - trail.KEPT
    trail.of(alice).filter(kind=Kind.TOKEN_MADE).update(created_at=year - timedelta(minutes=1))
    trail.of(alice).filter(kind=Kind.TOKEN_ENDED).update(created_at=year + timedelta(minutes=1))
    trail.delete_old()
    assert kinds_of(alice) == [(Kind.TOKEN_ENDED, "")]


def test_the_agent_is_bounded_and_printable(alice):
    request = RequestFactory().get("/", headers={"user-agent": "a\x1b[31m" + "b" * 10_000})
    trail.record(alice, Kind.TOKEN_MADE, request=request)
    agent = trail.of(alice).get().user_agent
    assert agent.startswith("a[31mb")
    assert len(agent) == LONGEST_AGENT


def test_the_log_has_the_reason_and_no_address(alice, caplog):
    caplog.set_level(logging.INFO)
    trail.record(alice, Kind.SIGN_IN_REFUSED, reason="wrong_password")
    assert f"user {alice.pk}: sign_in_refused wrong_password" in caplog.messages
    assert alice.email not in caplog.text


def test_an_address_confirmed_by_mail_signs_nobody_in_twice(alice):
    """A sign-in is one event, however many signals are sent."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client = Client()
    body = {"email": alice.email, "password": PASSWORD}
    client.post(SESSION_LOGIN, body, content_type="application/json")
    assert kinds_of(alice) == [(Kind.SIGNED_IN, "")]
