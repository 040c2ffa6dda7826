"""The ledger by itself; test_ask.py and test_exactness.py test it at the endpoints."""

from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo, available_timezones

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from chat.models import DailyUsage
from chat.turns import quota
from chat.turns.errors import QuotaExhausted
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
    assert quota.status(alice).used == 3


def test_limit_of_zero_lets_nothing_through(alice):
    alice.daily_limit = 0
    alice.save()
    with pytest.raises(QuotaExhausted):
        quota.reserve(user=alice)
    assert not DailyUsage.objects.exists()


def test_own_limit_counts_before_the_default(alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    alice.daily_limit = 2
    alice.save()
    assert take(alice, 2) == [1, 2]
    with pytest.raises(QuotaExhausted):
        quota.reserve(user=alice)


def test_limit_lowered_below_the_use_leaves_nothing(alice, settings):
    settings.DAILY_CHAT_LIMIT = 5
    take(alice, 4)
    alice.daily_limit = 2
    alice.save()
    assert quota.status(alice).remaining == 0


def test_users_have_separate_ledgers(alice, bob, settings):
    settings.DAILY_CHAT_LIMIT = 1
    take(alice)
    assert take(bob) == [1]


def test_day_ends_at_local_midnight(alice, settings):
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
        standing = quota.status(alice)
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


def test_headers_of_a_refusal(alice, settings):
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


def seconds_shown(person, moment: datetime) -> int:
    with time_machine.travel(moment, tick=False):
        field = quota.status_with(person, timezone.localdate(), 0).headers()["RateLimit"]
    return int(field.rpartition("t=")[2])


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Seoul", date(2026, 3, 1), 24),
        ("UTC", date(2026, 3, 1), 24),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Africa/Cairo", date(2026, 10, 29), 25),
        ("America/Santiago", date(2026, 4, 4), 25),
    ],
)
def test_seconds_never_exceed_the_window(settings, zone, day, hours):
    settings.TIME_ZONE = zone
    person = User(pk=1, daily_limit=5)
    start = datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))
    end = start.astimezone(UTC) + timedelta(hours=hours)
    assert end == quota.status_with(person, day, 0).resets_at
    shown = [seconds_shown(person, start.astimezone(UTC) + timedelta(hours=h)) for h in range(23)]
    assert shown[0] == min(86_400, hours * 3600 + 1)
    assert shown == sorted(shown, reverse=True)
    assert seconds_shown(person, end - timedelta(seconds=1)) == 2


@given(
    zone=st.sampled_from(sorted(available_timezones())),
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001 - given UTC below
)
def test_at_any_moment_in_any_zone(zone, moment):
    with override_settings(TIME_ZONE=zone):
        assert 1 <= seconds_shown(User(pk=1, daily_limit=5), moment.replace(tzinfo=UTC)) <= 86_400


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
