"""Requests with a personal token; /accounts/profile stands for all endpoints."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.authentication import owner_of_personal
from accounts.models import User
from accounts.personal_tokens import secret, usage
from accounts.personal_tokens.models import PersonalToken
from config.api.scopes import Scope
from tests.accounts.conftest import INVALID_TOKEN, SESSION, Browser, without_id
from tests.chat.asking import make_chat
from tests.factories import PASSWORD, client_with, make_personal_token, make_user

URL = "/accounts/profile"
NEW = "staple of paper"
NOON = datetime(2026, 3, 1, 3, tzinfo=UTC)


def assert_refused(response):
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response["Content-Type"] == "application/problem+json"
    assert without_id(response.json()) == INVALID_TOKEN


def is_live(raw: str) -> bool:
    response = client_with(raw).get(URL)
    if response.status_code != 200:
        assert_refused(response)
    return response.status_code == 200


@pytest.mark.parametrize(
    "fields", [{}, {"is_staff": True, "is_superuser": True}], ids=["plain", "superuser"]
)
def test_one_statement_finds_token_and_user(db, django_assert_num_queries, fields):
    stored = make_user("dora", **fields)
    token, raw = make_personal_token(stored, Scope.CHAT_READ)
    with django_assert_num_queries(1):
        found, access = owner_of_personal(raw)
        assert (found.pk, found.email, found.nickname) == (stored.pk, stored.email, "dora")
        assert (found.is_active, found.is_staff) == (True, stored.is_staff)
        assert found.is_superuser is stored.is_superuser
    assert found.personal_token_id == token.pk
    assert (access.token_id, sorted(access.scopes)) == (token.pk, ["chat:read"])


@pytest.mark.parametrize(("method", "path"), [("get", "/chat"), ("get", "/quote"), ("get", URL)])
def test_a_request_costs_as_many_statements_as_with_a_jwt(alice, client_for, method, path):
    make_chat(alice)
    _token, raw = make_personal_token(alice)
    counts = []
    for client in (client_for(alice), client_with(raw)):
        client.get(path)  # fills what the process keeps
        with CaptureQueriesContext(connection) as statements:
            assert getattr(client, method)(path).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


WRONG = {
    "a wrong checksum": lambda raw: raw[:-1] + ("A" if raw[-1] != "A" else "B"),
    "a wrong character": lambda raw: raw[:12] + ("A" if raw[12] != "A" else "B") + raw[13:],
    "nothing but the prefix": lambda raw: secret.PREFIX,
    "too long": lambda raw: raw + "A",
    "the stored hash": secret.digest,
    "the hash as a token": lambda raw: secret.PREFIX + secret.digest(raw)[:38],
    "the hash with a right checksum": lambda raw: (
        secret.PREFIX
        + secret.digest(raw)[:32]
        + secret.checksum(secret.PREFIX + secret.digest(raw)[:32])
    ),
    "another token": lambda _raw: secret.make(),
}
# They look as if this server had made them.
ASKED_FOR = {"another token", "the hash with a right checksum"}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_token_is_refused_without_a_statement(alice, django_assert_num_queries, name):
    _token, raw = make_personal_token(alice)
    client = client_with(WRONG[name](raw))
    with django_assert_num_queries(1 if name in ASKED_FOR else 0):
        response = client.get(URL)
    assert_refused(response)
    assert is_live(raw)


@pytest.mark.parametrize("text", ["daesa_pat_\xff", "daesa_pat_" + "%00" * 12, "daesa_pat_ x"])
def test_odd_headers_fail_nowhere(db, text):
    assert client_with(text).get(URL).status_code == 401


@pytest.mark.parametrize(
    ("after", "lives"),
    [(timedelta(0), True), (timedelta(seconds=59), True), (timedelta(minutes=1), False)],
)
def test_a_token_expires_at_its_second(alice, time_machine, after, lives):
    time_machine.move_to(NOON, tick=False)
    _token, raw = make_personal_token(alice, expires_at=NOON + timedelta(minutes=1))
    time_machine.move_to(NOON + after, tick=False)
    assert is_live(raw) is lives


def test_a_token_without_an_end_lives_on(alice, time_machine):
    _token, raw = make_personal_token(alice)
    time_machine.move_to(datetime(2099, 1, 1, tzinfo=UTC), tick=False)
    assert is_live(raw)


# --- What ends a token --------------------------------------------------------------------------


def in_admin(staff: User, path: str, body: object) -> None:
    client = Client()
    client.force_login(staff)
    assert client.post(f"/admin/accounts/user/{path}", body).status_code == 302


def by_profile(alice, staff):
    browser = Browser()
    login = {"email": alice.email, "password": PASSWORD}
    browser.send("POST", f"{SESSION}/auth/login", login)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert browser.send("PATCH", URL, body).status_code == 200


def by_staffs_password(alice, staff):
    body = {"usable_password": "true", "password1": NEW, "password2": NEW}
    in_admin(staff, f"{alice.pk}/password/", body)


def by_sql(alice, staff):
    User.objects.filter(pk=alice.pk).update(password=make_password(NEW))


def by_deactivation(alice, staff):
    in_admin(staff, "", {"action": "deactivate", "_selected_action": [alice.pk]})


def by_leaving(alice, staff):
    client = APIClient()
    client.force_authenticate(alice)
    assert client.delete(URL, {"password": PASSWORD}).status_code == 204


def by_deletion(alice, staff):
    alice.delete()


def by_revoking(alice, staff):
    PersonalToken.objects.filter(user=alice).delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "end",
    [
        *(by_profile, by_staffs_password, by_sql),
        *(by_deactivation, by_leaving, by_deletion, by_revoking),
    ],
)
def test_it_ends_the_token_at_once(alice, bob, staff, end):
    raws = [make_personal_token(alice)[1], make_personal_token(bob)[1]]
    assert [is_live(raw) for raw in raws] == [True, True]
    end(alice, staff)
    assert [is_live(raw) for raw in raws] == [False, True]


def test_a_new_hash_of_the_same_password_ends_nothing(alice, settings):
    _token, raw = make_personal_token(alice)
    settings.PASSWORD_HASHERS = list(reversed(settings.PASSWORD_HASHERS))
    before = alice.password
    body = {"email": alice.email, "password": PASSWORD}
    assert APIClient().post("/accounts/login", body).status_code == 200
    alice.refresh_from_db()
    assert alice.password != before
    assert is_live(raw)


def test_a_reactivated_user_has_the_tokens_again(alice):
    _token, raw = make_personal_token(alice)
    for is_active in (False, True):
        User.objects.update(is_active=is_active)
        assert is_live(raw) is is_active


def test_a_token_is_no_access_token(alice):
    """Where the API takes a JWT in a body or ends one, a personal token is nothing."""
    _token, raw = make_personal_token(alice)
    assert_refused(client_with(raw).get("/accounts/logout"))
    assert_refused(client_with(raw).post("/accounts/logout", {}))
    for path, body in (("verify", {"token": raw}), ("refresh", {"refresh": raw})):
        assert_refused(APIClient().post(f"/accounts/token/{path}", body))
    assert is_live(raw)


# --- The last use -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "is_stored"),
    [(None, True), (usage.LAST_USE_EVERY, True), (timedelta(minutes=4, seconds=59), False)],
)
def test_the_last_use_is_stored_once_in_some_minutes(alice, time_machine, ago, is_stored):
    time_machine.move_to(NOON, tick=False)
    before = None if ago is None else NOON - ago
    token, raw = make_personal_token(alice, last_used_at=before)
    with CaptureQueriesContext(connection) as statements:
        client_with(raw).get(URL)
    token.refresh_from_db()
    assert token.last_used_at == (NOON if is_stored else before)
    assert any("UPDATE" in one["sql"] for one in statements) is is_stored


def test_a_refused_request_uses_nothing(alice):
    token, raw = make_personal_token(alice, last_used_at=None, expires_at=timezone.now())
    assert not is_live(raw)
    token.refresh_from_db()
    assert token.last_used_at is None


def test_a_request_does_not_fail_with_the_last_use(alice, caplog):
    token, raw = make_personal_token(alice, last_used_at=None)
    with patch.object(usage, "PersonalToken") as full:
        full.objects.filter.side_effect = DatabaseError("full")
        assert is_live(raw)
    token.refresh_from_db()
    assert token.last_used_at is None
    assert "not stored: DatabaseError" in caplog.text
    assert raw not in caplog.text


def test_no_log_line_and_no_row_has_the_token(alice, caplog):
    token, raw = make_personal_token(alice)
    caplog.set_level("DEBUG")
    assert is_live(raw)
    assert raw[len(secret.PREFIX) + 4 :] not in caplog.text
    stored = PersonalToken.objects.values().get(pk=token.pk)
    assert not [value for value in stored.values() if isinstance(value, str) and raw in value]
