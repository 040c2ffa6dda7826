"""/accounts/tokens and /accounts/tokens/{id}"""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone, translation

from accounts.models import SecurityEvent
from accounts.personal_tokens import secret
from accounts.personal_tokens.lifecycle import MOST_TOKENS
from accounts.personal_tokens.models import PersonalToken
from config.api.scopes import Scope
from tests.accounts.conftest import without_id
from tests.concurrently import at_once
from tests.factories import PASSWORD, client_with, make_personal_token, make_user

URL = "/accounts/tokens"
BOT = {"name": "A bot", "scopes": ["chat:write", "chat:read"], "lifetime": "30d"}
NOON = "2026-03-01T12:00:00+09:00"


@pytest.fixture
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def make(client, **changes):
    return client.post(URL, {**BOT, "password": PASSWORD, **changes})


def body_of(stored, **changes):
    href = f"http://testserver{URL}/{stored.pk}"
    return {
        "id": stored.pk,
        "name": "A bot",
        "start": stored.start,
        "scopes": ["chat:read", "chat:write"],
        "state": "active",
        "created_at": NOON,
        "expires_at": "2026-03-31T12:00:00+09:00",
        "last_used_at": None,
        "usage": {"today": 0, "total": 0},
        "links": [
            {"rel": "self", "href": href, "method": "GET"},
            {"rel": "edit", "href": href, "method": "PATCH"},
            {"rel": "delete", "href": href, "method": "DELETE"},
        ],
        **changes,
    }


@pytest.mark.usefixtures("_at_noon")
def test_the_token_is_in_the_first_response_alone(as_alice, alice):
    made = make(as_alice)
    token = PersonalToken.objects.get()
    assert made.status_code == 201
    raw = made.json()["token"]
    assert made.json() == body_of(token, token=raw)
    assert made["Location"] == f"http://testserver{URL}/{token.pk}"
    assert made["Cache-Control"] == "no-store"
    assert secret.is_well_formed(raw)
    assert token.start == raw[:14]
    assert as_alice.get(f"{URL}/{token.pk}").json() == body_of(token)
    [listed] = as_alice.get(URL).json()["results"]
    assert listed == body_of(token)
    assert client_with(raw).get("/chat").status_code == 200


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize(
    ("lifetime", "expires"),
    [
        ({}, "2026-05-30T12:00:00+09:00"),
        ({"lifetime": "30d"}, "2026-03-31T12:00:00+09:00"),
        ({"lifetime": "90d"}, "2026-05-30T12:00:00+09:00"),
        ({"lifetime": "365d"}, "2027-03-01T12:00:00+09:00"),
        ({"lifetime": "never"}, None),
    ],
)
def test_how_long_it_lives(as_alice, lifetime, expires):
    body = {"name": "A bot", "scopes": ["chat:read"], "password": PASSWORD, **lifetime}
    assert as_alice.post(URL, body).json()["expires_at"] == expires


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": " \u200b "}, "name", "blank"),
        ({"name": "a" * 51}, "name", "max_length"),
        ({"name": True}, "name", "invalid"),
        ({"scopes": []}, "scopes", "min_length"),
        ({"scopes": ["admin"]}, "scopes.0", "invalid_choice"),
        ({"scopes": ["chat:read"] * 6}, "scopes", "max_length"),
        ({"scopes": "chat:read"}, "scopes", "not_a_list"),
        ({"lifetime": "forever"}, "lifetime", "invalid_choice"),
        ({"lifetime": None}, "lifetime", "null"),
        ({"password": "wrong"}, "password", "incorrect_password"),
        ({"scope": ["chat:read"]}, "scope", "unknown_field"),
    ],
)
def test_bad_input(as_alice, changes, field, code):
    refused = make(as_alice, **changes)
    assert refused.status_code == 400
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [(field, code)]
    assert not PersonalToken.objects.exists()


def test_a_name_is_cleaned_and_a_scope_counts_once(as_alice):
    made = make(
        as_alice, name="  A\u200b \n bot ", scopes=["quotes:read", "chat:read", "chat:read"]
    )
    assert made.json()["name"] == "A bot"
    assert made.json()["scopes"] == ["chat:read", "quotes:read"]


# --- Who may make one ---------------------------------------------------------------------------


def fresh_required(response):
    return (response.status_code, response.json().get("code")) == (403, "fresh_sign_in_required")


def test_a_program_needs_the_password(as_alice):
    assert fresh_required(as_alice.post(URL, BOT))
    assert make(as_alice).status_code == 201


def test_a_session_must_be_fresh_or_bring_the_password(alices_browser, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    send = alices_browser.send
    assert send("POST", URL, BOT).status_code == 201
    time_machine.shift(timedelta(minutes=10, seconds=1))
    assert fresh_required(send("POST", URL, {**BOT, "name": "Another"}))
    body = {**BOT, "name": "Another", "password": PASSWORD}
    assert send("POST", URL, body).status_code == 201
    assert PersonalToken.objects.count() == 2


def test_a_session_needs_its_csrf_token(alices_browser):
    alices_browser.cookies["csrftoken"] = "wrong"
    refused = alices_browser.generic("POST", URL, b"{}", "application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")


def test_wrong_passwords_are_limited(as_alice):
    codes = [make(as_alice, password="wrong").status_code for _ in range(30)]
    assert 429 in codes
    assert make(as_alice).status_code == 429


# --- Several of them ----------------------------------------------------------------------------


def test_names_are_unique_per_user(as_alice, as_bob):
    assert make(as_alice).status_code == 201
    refused = make(as_alice)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["field"], error["code"]) == (400, "name", "unique")
    assert make(as_bob).status_code == 201


def test_there_are_at_most_so_many(as_alice, alice, bob):
    for _ in range(MOST_TOKENS):
        make_personal_token(alice)
    make_personal_token(bob)
    refused = make(as_alice)
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    assert refused.json()["limit"] == {"name": "personal_tokens", "value": MOST_TOKENS}


@pytest.mark.parametrize("death", [{"expires_at": timezone.now()}, {"stamp": "of old"}])
def test_a_dead_token_makes_room(as_alice, alice, death):
    living = {make_personal_token(alice)[0].pk for _ in range(MOST_TOKENS - 2)}
    oldest, _ = make_personal_token(alice, created_at=timezone.now() - timedelta(days=9))
    newer, _ = make_personal_token(alice)
    PersonalToken.objects.filter(pk__in=[oldest.pk, newer.pk]).update(**death)
    made = make(as_alice).json()["id"]
    own = set(PersonalToken.objects.owned_by(alice).values_list("pk", flat=True))
    assert own == living | {newer.pk, made}


def test_a_dead_token_gives_its_name_to_the_next(as_alice, alice):
    dead, _ = make_personal_token(alice, name="A bot", expires_at=timezone.now())
    other, _ = make_personal_token(alice, expires_at=timezone.now())
    assert make(as_alice).status_code == 201
    assert not PersonalToken.objects.filter(pk=dead.pk).exists()
    assert PersonalToken.objects.filter(pk=other.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_at_once_no_more_than_allowed_are_made(client_for):
    user = make_user("racer")
    for _ in range(MOST_TOKENS - 1):
        make_personal_token(user)
    clients = [client_for(user) for _ in range(4)]
    calls = [
        lambda client=client, n=n: make(client, name=f"Bot {n}").status_code
        for n, client in enumerate(clients)
    ]
    assert sorted(at_once(*calls)) == [201, 409, 409, 409]
    assert PersonalToken.objects.count() == MOST_TOKENS


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "active"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
        ({"stamp": "of the former password"}, "ended"),
    ],
)
def test_the_list_shows_the_state(as_alice, alice, changes, state):
    token, _raw = make_personal_token(alice)
    PersonalToken.objects.filter(pk=token.pk).update(**changes)
    assert as_alice.get(URL).json()["results"][0]["state"] == state


def test_the_list_costs_three_statements(as_alice, alice, django_assert_num_queries):
    for _ in range(10):
        make_personal_token(alice)
    with django_assert_num_queries(3):  # the user, the count, the page
        assert len(as_alice.get(URL).json()["results"]) == 10


def test_rename(as_alice, alice):
    token, raw = make_personal_token(alice, name="A bot")
    make_personal_token(alice, name="Taken")
    path = f"{URL}/{token.pk}"
    assert as_alice.patch(path, {"name": " Another  name "}).json()["name"] == "Another name"
    refused = as_alice.patch(path, {"name": "Taken"})
    assert [error["code"] for error in refused.json()["errors"]] == ["unique"]
    assert as_alice.patch(path, {"scopes": ["chat:read"]}).status_code == 400
    token.refresh_from_db()
    assert (token.name, token.scopes) == ("Another name", Scope.values)
    assert client_with(raw).get("/chat").status_code == 200


def test_revoke(as_alice, alice):
    token, raw = make_personal_token(alice)
    assert as_alice.delete(f"{URL}/{token.pk}").status_code == 204
    assert client_with(raw).get("/chat").status_code == 401
    assert as_alice.delete(f"{URL}/{token.pk}").status_code == 404
    assert as_alice.get(URL).json()["results"] == []


def test_the_trail_and_the_log_have_the_events_and_no_secret(as_alice, alice, caplog):
    caplog.set_level("INFO")
    raw = make(as_alice, name="A secret name").json()["token"]
    as_alice.delete(f"{URL}/{PersonalToken.objects.get().pk}")
    ended, made = SecurityEvent.objects.filter(user=alice)[:2]
    assert (made.kind, made.reason, made.actor) == ("token_made", "", None)
    assert (ended.kind, ended.reason, ended.actor) == ("token_ended", "revoked", None)
    for event in (made, ended):
        assert event.details == {"personal_token": raw[:14], "scope": "chat:read chat:write"}
    assert raw not in caplog.text
    assert "secret name" not in caplog.text


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_owner_is_told_by_mail(as_alice, alice, language):
    raw = as_alice.post(
        URL, {**BOT, "password": PASSWORD}, headers={"Accept-Language": language}
    ).json()["token"]
    [message] = mail.outbox
    with translation.override(language):
        assert translation.gettext("A personal token was made") in message.subject
    assert message.to == [alice.email]
    assert "A bot" in message.body
    assert "chat:read, chat:write" in message.body
    assert "http://testserver/settings/tokens" in message.body
    assert re.search(r"daesa_pat_\w", f"{message.subject} {message.body}") is None
    assert raw not in message.body


def test_a_user_without_an_address_gets_no_mail(alice, client_for):
    alice.email = None
    alice.save()
    assert make(client_for(alice)).status_code == 201
    assert mail.outbox == []


def test_anothers_token_is_not_found(as_bob, alice):
    token, _raw = make_personal_token(alice, name="A bot")
    bodies = [
        without_id(as_bob.generic(method, f"{URL}/{token.pk}", b"{}", "application/json").json())
        for method in ("GET", "PATCH", "DELETE")
    ]
    assert {body["status"] for body in bodies} == {404}
    assert as_bob.get(URL).json()["count"] == 0
    token.refresh_from_db()
