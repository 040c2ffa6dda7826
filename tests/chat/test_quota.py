"""The ledger by itself; how the doors use it is in test_ask.py and test_exactness.py."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from chat import quota
from chat.models import DailyUsage
from chat.problems import QuotaExhausted
from tests.factories import make_user

LAST_SECOND = datetime(2026, 3, 1, 14, 59, 59, tzinfo=UTC)  # 23:59:59 in Seoul
MIDNIGHT = datetime(2026, 3, 1, 15, 0, 0, tzinfo=UTC)


def take(user, times=1):
    return [quota.reserve(user=user).used for _ in range(times)]


def test_units_are_counted_up_to_the_limit(alice, settings):
    settings.DAILY_CHAT_LIMIT = 3
    assert take(alice, 3) == [1, 2, 3]
    with pytest.raises(QuotaExhausted):
        quota.reserve(user=alice)
    assert quota.standing(alice).used == 3


def test_limit_of_zero_lets_nothing_through(alice):
    alice.daily_limit = 0
    with pytest.raises(QuotaExhausted):
        quota.reserve(user=alice)
    assert not DailyUsage.objects.exists()


def test_own_limit_counts_before_the_default(alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    alice.daily_limit = 2
    assert take(alice, 2) == [1, 2]
    with pytest.raises(QuotaExhausted):
        quota.reserve(user=alice)


def test_limit_lowered_below_the_use_leaves_nothing(alice, settings):
    settings.DAILY_CHAT_LIMIT = 5
    take(alice, 4)
    alice.daily_limit = 2
    assert quota.standing(alice).remaining == 0


def test_people_have_ledgers_of_their_own(alice, bob, settings):
    settings.DAILY_CHAT_LIMIT = 1
    take(alice)
    assert take(bob) == [1]


def test_day_turns_at_local_midnight(alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    with time_machine.travel(LAST_SECOND, tick=False):
        spent = quota.reserve(user=alice)
        assert spent.day == date(2026, 3, 1)
        assert spent.seconds_left() == 2
        with pytest.raises(QuotaExhausted):
            quota.reserve(user=alice)
    with time_machine.travel(MIDNIGHT, tick=False):
        assert quota.reserve(user=alice).day == date(2026, 3, 2)


def test_day_is_the_zone_s_whatever_the_server_s_clock_says(alice, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    with time_machine.travel(MIDNIGHT, tick=False):
        standing = quota.standing(alice)
    assert standing.day == date(2026, 3, 2)
    assert standing.resets_at.isoformat() == "2026-03-03T00:00:00+09:00"


def test_unit_goes_back_to_the_day_it_was_taken_from(alice):
    with time_machine.travel(LAST_SECOND, tick=False):
        day = quota.reserve(user=alice).day
    with time_machine.travel(MIDNIGHT, tick=False):
        take(alice)
        quota.give_back(user_id=alice.pk, day=day)
    assert dict(DailyUsage.objects.values_list("day", "used")) == {
        date(2026, 3, 1): 0,
        date(2026, 3, 2): 1,
    }


def test_giving_back_never_goes_below_nothing(alice):
    day = quota.reserve(user=alice).day
    for _ in range(2):
        quota.give_back(user_id=alice.pk, day=day)
    assert DailyUsage.objects.get().used == 0


def test_database_refuses_a_negative_use(alice):
    quota.reserve(user=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyUsage.objects.update(used=-1)


def test_fields_of_a_refusal(alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    with time_machine.travel(LAST_SECOND, tick=False):
        take(alice)
        with pytest.raises(QuotaExhausted) as refusal:
            quota.reserve(user=alice)
    assert refusal.value.headers == {
        "RateLimit": '"daily";r=0;t=2',
        "RateLimit-Policy": '"daily";q=1;w=86400',
        "Retry-After": "2",
        "x-should-retry": "false",
    }
    assert refusal.value.members == {
        "quota": {"limit": 1, "used": 1, "remaining": 0, "resets_at": "2026-03-02T00:00:00+09:00"}
    }


@pytest.mark.django_db(transaction=True)
def test_threads_at_once_take_exactly_the_limit(settings):
    settings.DAILY_CHAT_LIMIT = 5
    user = make_user("racer")
    barrier, outcomes = Barrier(40), []

    def race():
        barrier.wait()
        try:
            outcomes.append(quota.reserve(user=user).used)
        except QuotaExhausted:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [Thread(target=race) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filter(None, outcomes)) == [1, 2, 3, 4, 5]
    assert len(outcomes) == 40
    assert DailyUsage.objects.get().used == 5
