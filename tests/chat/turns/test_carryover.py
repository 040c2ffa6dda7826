"""Deleting an account and joining again: the day's use stays with the address, and nothing else."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import issue
from chat.models import DailyUsage, FormerUsage
from chat.turns import carryover, quota
from tests.accounts.conftest import SESSION, Browser
from tests.chat.asking import ask, used
from tests.factories import PASSWORD, make_user

JOIN, PROFILE = "/accounts/join", "/accounts/profile"
NOON = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)  # 12:00 in Seoul
ADDRESS = "alice@example.com"


def use(user, *, used=4, refunded=2):
    DailyUsage.objects.create(user=user, day=timezone.localdate(), used=used, refunded=refunded)


def use_of(email=ADDRESS):
    rows = DailyUsage.objects.filter(user__email=email)
    return list(rows.values_list("day", "used", "refunded"))


def leave(user, _client):
    client = APIClient(headers={"Authorization": f"Bearer {issue(user)['access']}"})
    assert client.delete(PROFILE, {"password": PASSWORD}).status_code == 204


def delete_by_code(user, _client):
    User.objects.filter(pk=user.pk).delete()


def deleted_by_staff(user, client, path="/admin/accounts/user/{}/delete/"):
    body = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
    assert client.post(path.format(user.pk), body).status_code == 302


def deleted_among_others(user, client):
    deleted_by_staff(user, client, "/admin/accounts/user/")


def join(email, _client):
    body = {"email": email, "password": PASSWORD}
    assert APIClient().post(JOIN, body).status_code == 201


def join_by_session(email, _client):
    browser = Browser()
    browser.get(f"{SESSION}/config")
    body = {"email": email, "password": PASSWORD}
    assert browser.send("POST", f"{SESSION}/auth/signup", body).status_code == 200


def added_by_staff(email, client):
    body = {"email": email, "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/admin/accounts/user/add/", body).status_code == 302


LEAVING = [leave, delete_by_code, deleted_by_staff, deleted_among_others]
JOINING = [join, join_by_session, added_by_staff]


@pytest.fixture
def office(staff):
    client = Client()
    client.force_login(staff)
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leaving", LEAVING)
@pytest.mark.parametrize("joining", JOINING)
def test_the_day_s_use_comes_along(alice, office, leaving, joining):
    use(alice)
    before = use_of()
    leaving(alice, office)
    assert not User.objects.filter(email=ADDRESS).exists()
    joining(ADDRESS, office)
    assert use_of() == before
    assert not FormerUsage.objects.exists()


def test_five_questions_are_five_questions(alice, upstream, client_for):
    as_alice = client_for(alice)
    for _ in range(5):
        assert ask(as_alice).status_code == 201
    leave(alice, None)
    joined = APIClient().post(JOIN, {"email": " Alice@EXAMPLE.com", "password": PASSWORD})
    assert joined.json()["user"]["quota"]["remaining"] == 0
    again = APIClient(headers={"Authorization": f"Bearer {joined.json()['access']}"})
    response = ask(again)
    assert (response.status_code, response.json()["code"]) == (429, "quota_exhausted")
    assert len(upstream.requests()) == 5


def test_twice(alice):
    use(alice)
    before = use_of()
    for _ in range(2):
        User.objects.get(email=ADDRESS).delete()
        User.objects.create_user(ADDRESS, PASSWORD)
    assert use_of() == before


def test_a_new_secret_key_with_its_fallback_gives_no_new_units(alice, settings):
    use(alice)
    before = use_of()
    alice.delete()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    User.objects.create_user(ADDRESS, PASSWORD)
    assert use_of() == before


def test_refunds_that_came_back_are_counted_on(alice, settings):
    settings.DAILY_REFUND_LIMIT = 3
    use(alice)
    alice.delete()
    again = User.objects.create_user(ADDRESS, PASSWORD)
    day = timezone.localdate()
    assert [quota.give_back(user_id=again.pk, day=day) for _ in range(2)] == [True, False]


def test_the_next_day_begins_anew(alice):
    with time_machine.travel(NOON, tick=False) as clock:
        use(alice)
        alice.delete()
        assert FormerUsage.objects.count() == 1
        clock.shift(86_400)
        User.objects.create_user(ADDRESS, PASSWORD)
        assert use_of() == []
        carryover.forget_former_usage()
    assert not FormerUsage.objects.exists()


def test_today_s_rows_stay_until_midnight(alice):
    use(alice)
    alice.delete()
    carryover.forget_former_usage()
    assert FormerUsage.objects.count() == 1


def test_another_address_has_its_own_day(alice):
    use(alice)
    alice.delete()
    User.objects.create_user("other@example.com", PASSWORD)
    assert use_of("other@example.com") == []


def test_who_used_nothing_leaves_nothing(alice, bob):
    DailyUsage.objects.create(user=bob, day=timezone.localdate() - timedelta(days=1), used=5)
    alice.delete()
    bob.delete()
    assert not FormerUsage.objects.exists()


def test_it_reveals_no_address_and_links_no_two_days(alice, settings):
    digests = set()
    for day in (0, 1):
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            use(alice)
            alice.delete()
            alice = User.objects.create_user(ADDRESS, PASSWORD)
            alice.delete()
            digests |= set(FormerUsage.objects.values_list("digest", flat=True))
            alice = User.objects.create_user(ADDRESS, PASSWORD)
    with time_machine.travel(NOON, tick=False):
        settings.SECRET_KEY = "another" * 10
        digests.add(carryover._digest(timezone.localdate(), ADDRESS))
    assert len(digests) == 3
    assert all(len(digest) == 64 and "alice" not in digest for digest in digests)


def test_an_account_that_changes_keeps_its_day(alice):
    use(alice)
    before = use_of()
    alice.nickname = "Alice"
    alice.save()
    assert use_of() == before


# --- People by providers -------------------------------------------------------------------------

KAKAO = {"provider": "kakao", "uid": "2963851047"}


def joined_by_provider(email=None, **identity):
    user = User.objects.create_user(email)
    SocialAccount.objects.create(user=user, **(identity or KAKAO))
    return user


def use_of_user(user):
    return list(DailyUsage.objects.filter(user=user).values_list("used", "refunded"))


@pytest.mark.parametrize("before", [None, ADDRESS])
@pytest.mark.parametrize("after", [None, ADDRESS, "new@example.com"])
def test_the_day_s_use_stays_with_the_identity(db, before, after):
    """With an address or without, and where both are known it is counted once."""
    user = joined_by_provider(before)
    use(user)
    user.delete()
    assert FormerUsage.objects.count() == (2 if before else 1)
    assert use_of_user(joined_by_provider(after)) == [(4, 2)]


def test_an_identity_that_is_connected_brings_its_use(alice):
    leaver = joined_by_provider()
    use(leaver)
    leaver.delete()
    use(alice, used=1, refunded=3)
    SocialAccount.objects.create(user=alice, **KAKAO)
    assert use_of_user(alice) == [(4, 3)]


@pytest.mark.parametrize(
    "other", [{"provider": "naver", "uid": "2963851047"}, {"provider": "kakao", "uid": "1"}]
)
def test_another_identity_has_its_own_day(db, other):
    leaver = joined_by_provider()
    use(leaver)
    leaver.delete()
    assert use_of_user(joined_by_provider(**other)) == []


def test_signing_in_again_brings_nothing(db):
    user = joined_by_provider()
    use(user)
    SocialAccount.objects.get().save()
    assert use_of_user(user) == [(4, 2)]


def test_the_kept_rows_reveal_no_identity(db):
    leaver = joined_by_provider()
    use(leaver)
    leaver.delete()
    digest = FormerUsage.objects.get().digest
    assert len(digest) == 64
    assert KAKAO["uid"] not in digest


# --- At once -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_asking_leaving_and_joining_at_once(upstream, settings):
    """In any order of the requests, an address gets no more questions a day than its limit."""
    settings.DAILY_CHAT_LIMIT, settings.MAX_STREAMS_PER_USER = 5, 50
    answered = []
    user = make_user("alice")
    for _ in range(4):
        answered += one_round(user)
        user = User.objects.create_user(ADDRESS, PASSWORD)
    assert set(answered) <= {201, 401, 429}
    assert answered.count(201) <= len(upstream.requests()) <= 5
    assert used(user) <= 5
    client = APIClient(headers={"Authorization": f"Bearer {issue(user)['access']}"})
    assert [ask(client).status_code for _ in range(6)][-1] == 429
    assert used(user) == 5, "what was not used by then is not lost"
    assert len(upstream.requests()) <= 5


def one_round(user):
    token, statuses = issue(user)["access"], []
    barrier = Barrier(5, timeout=30)

    def ask_once():
        client = APIClient(headers={"Authorization": f"Bearer {token}"})
        client.raise_request_exception = False
        barrier.wait()
        response = ask(client)
        # A question whose account is deleted while it is answered has no chat to show.
        statuses.append(201 if response.status_code == 404 else response.status_code)
        connection.close()

    def go():
        barrier.wait()
        with transaction.atomic(durable=True):  # as `accounts.profile.leave` does it
            User.objects.select_for_update().get(pk=user.pk).delete()
        connection.close()

    threads = [Thread(target=ask_once) for _ in range(4)] + [Thread(target=go)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.django_db(transaction=True)
def test_joining_waits_for_the_deletion(alice):
    """Joining during the deletion takes over the use, or finds the address taken."""
    use(alice)
    before = use_of()
    barrier = Barrier(2, timeout=20)
    outcome = []

    def go_away():
        barrier.wait()
        User.objects.get(pk=alice.pk).delete()
        connection.close()

    def come_back():
        barrier.wait()
        body = {"email": ADDRESS, "password": PASSWORD}
        outcome.append(APIClient().post(JOIN, body).status_code)
        connection.close()

    threads = [Thread(target=go_away), Thread(target=come_back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if outcome == [400]:
        User.objects.create_user(ADDRESS, PASSWORD)
    assert use_of() == before
