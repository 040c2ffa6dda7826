"""SITE_DAILY_LIMIT: what it refuses and shows; test_exactness.py has the races."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.models import Chat, DailyUsage, Reply, SiteUsage, Status
from chat.turns import heartbeat, quota
from chat.turns.errors import QuotaExhausted, SiteLimitReached
from tests.chat.asking import ask, make_chat, used
from tests.chat.test_metrics import Changes
from tests.concurrently import uncommitted

NOON = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)  # 12:00 in Seoul
TODAY = date(2026, 3, 1)


def site_used():
    return dict(SiteUsage.objects.values_list("day", "used"))


def test_off_nothing_is_counted(as_alice, upstream):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert ask(as_alice).status_code == 201
        assert ask(as_alice, "[[fault: empty]]").status_code == 502
    assert "siteusage" not in " ".join(query["sql"] for query in queries)
    assert not SiteUsage.objects.exists()


@time_machine.travel(NOON, tick=False)
def test_refusal(alice, bob, client_for, upstream, settings):
    settings.SITE_DAILY_LIMIT = 3
    as_alice, as_bob = client_for(alice), client_for(bob)
    for client in (as_alice, as_bob, as_alice):
        assert ask(client).status_code == 201
    response = ask(as_bob)
    assert response.status_code == 429
    body = response.json()
    assert body.pop("request_id")
    assert body == {
        "type": "urn:daesa:problem:site_limit_reached",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "This site has reached its limit of questions for today.",
        "instance": "/chat",
        "code": "site_limit_reached",
        "resets_at": "2026-03-02T00:00:00+09:00",
    }
    assert response["Retry-After"] == "43201"
    assert response["x-should-retry"] == "false"
    assert response["RateLimit"] == '"daily";r=4;t=43201, "site";r=0;t=43201'
    assert response["RateLimit-Policy"] == '"daily";q=5;w=86400, "site";q=3;w=86400'
    assert (used(alice), used(bob), site_used()) == (2, 1, {TODAY: 3})
    assert Chat.objects.count() == len(upstream.requests()) == 3


def test_headers_show_of_the_site_no_more_than_the_user_has_left(
    as_alice, as_bob, upstream, settings
):
    settings.SITE_DAILY_LIMIT = 7
    shown = [ask(as_alice)["RateLimit"].split(", ")[1].split(";")[1] for _ in range(2)]
    shown += [as_bob.get("/chat")["RateLimit"].split(", ")[1].split(";")[1]]
    assert shown == ["r=4", "r=3", "r=5"]
    for _ in range(3):
        ask(as_alice)
    assert ask(as_bob)["RateLimit"].split(", ")[1].startswith('"site";r=1;')


def test_another_answer_takes_one_too(as_alice, alice, upstream, settings):
    settings.SITE_DAILY_LIMIT = 1
    chat = make_chat(alice)
    assert as_alice.post(f"/chat/{chat.pk}/replies", {}).status_code == 201
    response = as_alice.post(f"/chat/{chat.pk}/replies", {})
    assert (response.status_code, response.json()["code"]) == (429, "site_limit_reached")
    assert (used(alice), Reply.objects.count()) == (1, 2)


def test_own_allowance_is_reported_first(as_alice, alice, upstream, settings):
    settings.SITE_DAILY_LIMIT = settings.DAILY_CHAT_LIMIT = 1
    assert ask(as_alice).status_code == 201
    assert ask(as_alice).json()["code"] == "quota_exhausted"


def test_too_many_answers_take_nothing(as_alice, alice, upstream, settings):
    settings.SITE_DAILY_LIMIT, settings.MAX_STREAMS_PER_USER = 5, 1
    make_chat(alice, reply={"status": Status.STREAMING})
    assert ask(as_alice).json()["code"] == "too_many_streams"
    assert (used(alice), site_used()) == (0, {})


def test_a_refund_is_the_site_s_too(as_alice, alice, upstream, settings):
    settings.SITE_DAILY_LIMIT, settings.DAILY_REFUND_LIMIT = 5, 1
    assert ask(as_alice, "[[fault: empty]]").status_code == 502
    assert (used(alice), sum(site_used().values())) == (0, 0)
    assert ask(as_alice, "[[fault: empty]]").status_code == 502
    assert (used(alice), sum(site_used().values())) == (1, 1)


def test_a_refund_goes_to_the_day_it_was_taken_from(alice, settings):
    settings.SITE_DAILY_LIMIT = 5
    with time_machine.travel(NOON, tick=False) as clock:
        quota.reserve(user=alice)
        clock.shift(86_400)
        quota.reserve(user=alice)
        assert quota.give_back(user_id=alice.pk, day=TODAY)
    assert site_used() == {TODAY: 0, date(2026, 3, 2): 1}


def test_a_lower_limit_holds_at_once_and_loses_no_count(alice, bob, settings):
    settings.SITE_DAILY_LIMIT = 5
    for user in (alice, alice, bob):
        quota.reserve(user=user)
    settings.SITE_DAILY_LIMIT = 2
    with pytest.raises(SiteLimitReached):
        quota.reserve(user=bob)
    assert quota.give_back(user_id=bob.pk, day=SiteUsage.objects.get().day)
    assert SiteUsage.objects.get().used == 2
    settings.SITE_DAILY_LIMIT = 3
    quota.reserve(user=bob)


def test_database_refuses_more_than_the_budget(alice, settings):
    settings.SITE_DAILY_LIMIT = 1
    quota.reserve(user=alice)
    for wrong in (2, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            SiteUsage.objects.update(used=wrong)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["question", "reply"])
def test_what_passes_the_first_check_meets_the_constraint(
    as_alice, alice, bob, upstream, settings, way
):
    """Of two concurrent requests for the last unit; nothing of the second is stored. SQLite has one
    writer at a time, so that there the first check sees all.
    """
    settings.SITE_DAILY_LIMIT = 1
    chat = make_chat(alice)
    path, body = (
        ("/chat", {"content": "x"}) if way == "question" else (f"/chat/{chat.pk}/replies", {})
    )
    with uncommitted(lambda: quota.reserve(user=bob)):
        response = as_alice.post(path, body)
    assert (response.status_code, response.json()["code"]) == (429, "site_limit_reached")
    assert (used(alice), used(bob), sum(site_used().values())) == (0, 1, 1)
    assert (Chat.objects.count(), Reply.objects.count()) == (1, 1)
    assert not upstream.requests()


def test_metrics(as_alice, as_bob, upstream, settings):
    settings.SITE_DAILY_LIMIT = 1
    ask(as_alice)
    changes = Changes()
    ask(as_bob)
    settings.DAILY_CHAT_LIMIT = 0
    with pytest.raises(QuotaExhausted):
        raise quota.refusal(DailyUsage.objects.get().user)
    heartbeat.measure()
    assert {name: n for name, n in changes().items() if "database" not in name} == {
        "site_limit_refusals_total": 1,
        "quota_refusals_total": 1,
        "site_units_used": 1,
        "site_units_max": 1,
    }


def test_staff_see_the_days(client, staff):
    SiteUsage.objects.create(day=TODAY, used=2, budget=9)
    client.force_login(staff)
    page = client.get("/admin/chat/siteusage/")
    assert page.status_code == 200
    assert client.get("/admin/chat/siteusage/add/").status_code == 403
