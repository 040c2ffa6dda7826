"""The tokens of one sign-in: reuse of a spent one, the family's end, and tokens of the release
before.
"""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import tokens
from accounts.models import SecurityEvent, TokenFamily
from accounts.tokens import Access, Refresh, issue, read
from chat.live import readers
from tests.accounts.conftest import former_token
from tests.concurrently import at_once
from tests.factories import make_user

REFRESH, VERIFY, PROFILE = "/accounts/token/refresh", "/accounts/token/verify", "/accounts/profile"


def renew(refresh, **options):
    return APIClient().post(REFRESH, {"refresh": refresh}, **options)


def opens(access) -> bool:
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client.get(PROFILE).status_code == 200


# --- A spent token comes back -------------------------------------------------------------------


@pytest.mark.parametrize("later", [[], [13], [13, 2]], ids=["at once", "later", "after its end"])
@pytest.mark.parametrize("age", [1, 2, 3])
def test_it_ends_the_family(alice, time_machine, age, later):
    time_machine.move_to(timezone.now(), tick=False)
    first = issue(alice)["refresh"]
    other = issue(alice)["refresh"]
    pair = renew(first).json()
    for _ in range(age - 1):
        pair = renew(pair["refresh"]).json()
    for days in later:
        time_machine.shift(timedelta(days=days))
        pair = renew(pair["refresh"]).json()
        other = renew(other).json()["refresh"]
    assert opens(pair["access"])
    response = renew(first)
    assert (response.status_code, response.json()["code"]) == (401, "token_not_valid")
    assert not opens(pair["access"])
    assert renew(pair["refresh"]).status_code == 401
    assert renew(other).status_code == 200, "of another sign-in"


def test_the_owner_is_told_once(alice):
    first = issue(alice)["refresh"]
    renew(first)
    for _ in range(3):
        headers = {"User-Agent": "thief/1", "X-Forwarded-For": "203.0.113.7"}
        assert renew(first, headers=headers).status_code == 401
    event = SecurityEvent.objects.get(user=alice)
    assert (event.kind, event.reason) == ("token_reused", "refresh_token_reused")
    assert event.user_agent == "thief/1"
    [message] = mail.outbox
    assert message.to == [alice.email]
    assert "thief/1" in message.body
    assert first not in message.body


def test_who_has_no_address_gets_no_mail(alice):
    alice.email = None
    alice.save()
    first = issue(alice)["refresh"]
    renew(first)
    assert renew(first).status_code == 401
    assert SecurityEvent.objects.filter(user=alice, kind="token_reused").exists()
    assert mail.outbox == []


def test_asking_whether_it_is_valid_is_no_use_of_it(alice):
    first = issue(alice)["refresh"]
    following = renew(first).json()
    assert APIClient().post(VERIFY, {"token": first}).status_code == 401
    assert renew(following["refresh"]).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [2, 4])
def test_at_once_one_gets_a_pair_and_the_others_end_it(number):
    """The server cannot tell a program that asks twice from two programs with one token."""
    alice = make_user("alice")
    first = issue(alice)["refresh"]
    answers = at_once(*[partial(renew, first) for _ in range(number)])
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [401] * (number - 1)
    [pair] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not opens(pair["access"])
    assert renew(pair["refresh"]).status_code == 401
    assert SecurityEvent.objects.filter(kind="token_reused").count() == 1


@pytest.mark.django_db(transaction=True)
def test_its_streams_end_and_no_others(alice):
    first, other = issue(alice), issue(alice)
    with (
        readers.reading(alice, access_id=read(Access, first["access"]).sid) as of_family,
        readers.reading(alice, access_id=read(Access, other["access"]).sid) as of_other,
    ):
        renew(first["refresh"])
        assert not of_family.is_dismissed
        renew(first["refresh"])
        assert (of_family.is_dismissed, of_other.is_dismissed) == (True, False)


# --- The end of a family ------------------------------------------------------------------------


def test_it_ends_thirty_days_after_the_sign_in_however_often_it_is_renewed(alice, time_machine):
    begin = timezone.now()
    time_machine.move_to(begin, tick=False)
    pair = issue(alice)
    for days in (13, 26, 29.9999):
        time_machine.move_to(begin + timedelta(days=days), tick=False)
        pair = renew(pair["refresh"]).json()
    end = int((begin + timedelta(days=30)).timestamp())
    assert read(Refresh, pair["refresh"])["exp"] == end
    assert read(Access, pair["access"])["exp"] == end
    time_machine.move_to(begin + timedelta(days=30, seconds=59), tick=False)
    assert renew(pair["refresh"]).status_code == 401, "the leeway is for clocks, not for renewals"
    time_machine.move_to(begin + timedelta(days=30, seconds=61), tick=False)
    assert not opens(pair["access"])
    assert renew(pair["refresh"]).status_code == 401


def test_families_that_have_expired_go_with_the_next_sign_in(alice, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    issue(alice)
    time_machine.shift(timedelta(days=14, seconds=61))
    issue(alice)
    assert TokenFamily.objects.count() == 1


def test_a_family_keeps_where_it_began(alice):
    client = APIClient()
    body = {"email": alice.email, "password": "correct horse battery"}
    pair = client.post("/accounts/login", body, headers={"User-Agent": "curl/8\x07"}).json()
    renew(pair["refresh"], headers={"User-Agent": "another"})
    family = TokenFamily.objects.get()
    assert (family.user_agent, family.ip_address) == ("curl/8", "127.0.0.1")


# --- Statements ---------------------------------------------------------------------------------


def test_a_renewal_takes_few_statements(alice, django_assert_num_queries, settings):
    first = issue(alice)["refresh"]
    with django_assert_num_queries(5):  # unspent twice, owner, family, the UPDATE
        assert renew(first).status_code == 200


def test_a_request_with_a_token_takes_one(alice, django_assert_num_queries):
    for access in (issue(alice)["access"], former_token(alice)):
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")
        with django_assert_num_queries(1):
            assert client.get("/models").status_code == 200


# --- Tokens of the release before ---------------------------------------------------------------


def former_refresh(user, jti="c" * 32, *, is_unspent=True) -> str:
    """As that release has stored it."""
    end = timezone.now() + timedelta(days=3)
    if is_unspent:
        OutstandingToken.objects.create(user=user, jti=jti, token="", expires_at=end)
    return former_token(user, "refresh", jti=jti, exp=end)


def test_they_stay_valid(alice):
    assert opens(former_token(alice))
    pair = renew(former_refresh(alice)).json()
    assert opens(pair["access"])
    assert not OutstandingToken.objects.exists()
    family = TokenFamily.objects.get()
    assert family.ends_at - timezone.now() <= tokens.FAMILY_LIFETIME
    assert renew(pair["refresh"]).status_code == 200


def test_a_spent_one_of_then_is_refused(alice):
    assert renew(former_refresh(alice, is_unspent=False)).status_code == 401


def test_one_that_was_spent_here_ends_the_family(alice):
    former = former_refresh(alice)
    pair = renew(former).json()
    assert renew(former).status_code == 401
    assert not opens(pair["access"])
    assert SecurityEvent.objects.get().kind == "token_reused"


@pytest.mark.django_db(transaction=True)
def test_of_two_renewals_of_one_at_once_one_succeeds():
    former = former_refresh(make_user("alice"))
    answers = at_once(*[partial(renew, former) for _ in range(3)])
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]


def test_the_release_before_goes_on_with_its_own(alice):
    """Its worker renews by an UPDATE of its row, beside this release."""
    former_refresh(alice)
    following = former_token(alice, "refresh", jti="d" * 32)
    assert OutstandingToken.objects.filter(jti="c" * 32).update(jti="d" * 32) == 1
    assert renew(following).status_code == 200


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_they_sign_out(alice, kind):
    raw = former_refresh(alice) if kind == "refresh" else former_token(alice)
    client = APIClient()
    if kind == "access":
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {raw}")
    body = {"refresh": raw} if kind == "refresh" else {}
    assert client.post("/accounts/logout", body).status_code == 204
    assert APIClient().post(VERIFY, {"token": raw}).status_code == 401
