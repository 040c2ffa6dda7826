"""Questions that several turns ask at the same moment: one asks the model, the others wait for its
end; whatever befalls it, each is answered, and charged as ADR 0049 says.
"""

import time
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts.tokens import issue
from chat.live.registry import registry
from chat.live.streams import STOP
from chat.models import DailyUsage, Reply, Status, StoredAnswer
from chat.stored import claims
from chat.turns import answered_before, generate
from chat.turns.start import start_turn
from chat.turns.stop import stop_turn
from chat.turns.types import NewQuestion
from tests.chat.asker import ask_at_once
from tests.chat.asking import OPTIONS, ask, used
from tests.chat.turns.test_exactness import ask_from_processes
from tests.concurrently import at_once
from tests.factories import make_user
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "Hello [[slow: 0.3]]"
REQUESTS = 200


@pytest.fixture
def _no_turn_is_lost(monkeypatch):
    """No process stores heartbeats in these tests, and 200 requests may take longer than a turn
    without a heartbeat counts as alive.
    """
    monkeypatch.setattr(claims, "LOST_AFTER", timedelta(minutes=10))


@pytest.fixture(autouse=True)
def _nothing_stays_open():
    yield
    assert len(registry) == 0


@pytest.fixture
def people(client_for, settings):
    settings.ANSWER_CACHE_SHARED = True
    return [make_user() for _ in range(6)]


def begin(user, content="Hello"):
    """A turn that is stored, and has looked for a stored answer."""
    return start_turn(user=user, question=NewQuestion(content=content, options=OPTIONS))


def claim(turn, **options):
    return claims.answer_or_claim(turn.wanted, turn.reply, turn.live, **options)


def lose(turn):
    """As if its process had been killed a while ago."""
    registry.close(turn.reply.stream_id)
    long_ago = timezone.now() - claims.LOST_AFTER - timedelta(seconds=1)
    Reply.objects.filter(pk=turn.reply.pk).update(heartbeat_at=long_ago)


def answer(turn):
    generate.generate(turn)
    turn.reply.refresh_from_db()
    return turn.reply


def test_one_asks_for_all(people, client_for, upstream):
    clients = [client_for(user) for user in people]
    responses = at_once(*(lambda client=client: ask(client, SLOW) for client in clients))
    assert [response.status_code for response in responses] == [201] * len(people)
    replies = [response.json()["chat_reply"] for response in responses]
    assert len({reply["content"] for reply in replies}) == 1
    [asked] = [reply for reply in replies if reply["answered_from"] is None]
    assert {reply["charged"] for reply in replies if reply is not asked} == {False}
    assert len(upstream.requests()) == 1
    assert sum(map(used, people)) == 1
    assert_ledger_is_exact()


def test_they_may_cost_a_unit(people, client_for, upstream, settings):
    settings.ANSWER_CACHE_UNITS = 1
    clients = [client_for(user) for user in people]
    at_once(*(lambda client=client: ask(client, SLOW) for client in clients))
    assert len(upstream.requests()) == 1
    assert list(map(used, people)) == [1] * len(people)
    assert_ledger_is_exact()


def test_each_asks_where_it_fails(people, client_for, upstream, settings):
    """In turn, so that one that succeeds would serve the others."""
    clients = [client_for(user) for user in people[:3]]
    question = f"{SLOW} [[fault: cut]]"
    responses = at_once(*(lambda client=client: ask(client, question) for client in clients))
    assert {response.status_code for response in responses} == {502}
    assert len(upstream.requests()) == len(clients)
    assert not StoredAnswer.objects.exists()
    assert sum(map(used, people)) == 0
    assert_ledger_is_exact()


def test_another_asks_where_the_first_is_stopped(people, upstream):
    first, second = begin(people[0], SLOW), begin(people[1], SLOW)
    assert claim(first) is None
    waiting = Thread(target=run, args=(second,))
    waiting.start()
    first.live.cancel(STOP)
    run(first)
    waiting.join()
    first.reply.refresh_from_db()
    second.reply.refresh_from_db()
    assert (first.reply.status, second.reply.status) == (Status.STOPPED, Status.DONE)
    assert second.reply.answered_from is None
    assert StoredAnswer.objects.get().reply == second.reply


def run(turn):
    try:
        generate.generate(turn)
    finally:
        connection.close()


def test_one_that_waits_can_be_stopped(people, upstream):
    first, second = begin(people[0]), begin(people[1])
    assert claim(first) is None
    waiting = Thread(target=run, args=(second,))
    waiting.start()
    time.sleep(0.3)
    assert stop_turn(second.reply)
    waiting.join(5)
    assert not waiting.is_alive()
    second.reply.refresh_from_db()
    assert (second.reply.status, second.reply.content) == (Status.STOPPED, "")
    assert upstream.requests() == []
    registry.close(first.reply.stream_id)


def test_nobody_waits_for_a_killed_process(people, upstream):
    first = begin(people[0])
    assert claim(first) is None
    lose(first)
    second = begin(people[1])
    began = time.monotonic()
    assert answer(second).status == Status.DONE
    assert time.monotonic() - began < 5
    assert StoredAnswer.objects.get().reply == second.reply
    assert answer(begin(people[2])).answered_from == second.reply.finished_at
    assert len(upstream.requests()) == 1


def test_only_one_follows_a_killed_process(people, upstream):
    first = begin(people[0])
    claim(first)
    lose(first)
    others = [begin(user, "Hello") for user in people[1:]]
    at_once(*(lambda turn=turn: run(turn) for turn in others))
    assert len(upstream.requests()) == 1
    assert Reply.objects.filter(status=Status.DONE, answered_from=None).count() == 1


def test_the_wait_has_a_bound(people, upstream):
    first, second = begin(people[0]), begin(people[1])
    claim(first)
    began = time.monotonic()
    assert claim(second, at_most=0.5) is None
    assert 0.5 <= time.monotonic() - began < 5
    assert StoredAnswer.objects.get().reply == first.reply
    assert answer(first).status == Status.DONE
    assert StoredAnswer.objects.get().answered_at == first.reply.finished_at
    registry.close(second.reply.stream_id)


def test_one_that_was_overtaken_stores_nothing(people):
    """It was slow, and not dead."""
    first, second = begin(people[0], SLOW), begin(people[1], SLOW)
    assert claim(first) is None
    minute_ago = timezone.now() - timedelta(minutes=1)
    Reply.objects.filter(pk=first.reply.pk).update(heartbeat_at=minute_ago)
    assert claim(second) is None
    first.wanted, lost = None, first.wanted  # it has claimed, above
    run(first)
    first.wanted = lost
    answered_before.store(first)
    assert StoredAnswer.objects.get().reply == second.reply
    assert answer(second).status == Status.DONE
    assert StoredAnswer.objects.get().answered_at == second.reply.finished_at


def test_one_that_ends_is_not_overtaken_before_it_is_stored(people):
    """Its row is written after its end; whoever looks in between waits."""
    first, second = begin(people[0]), begin(people[1])
    claim(first)
    now = timezone.now()
    Reply.objects.filter(pk=first.reply.pk).update(status=Status.DONE, finished_at=now)
    assert claim(second, at_most=0.3) is None
    assert StoredAnswer.objects.get().reply == first.reply
    for turn in (first, second):
        registry.close(turn.reply.stream_id)


def test_a_question_that_is_deleted_meanwhile(alice, upstream):
    turn = begin(alice)
    turn.chat.delete()
    generate.generate(turn)
    assert not StoredAnswer.objects.exists()


# --- 200 at once -------------------------------------------------------------------------------


def check_one_user(alice, statuses, upstream, *, free):
    """Of one user, some are refused as too many at once. All that were answered got one answer, and
    as many as may be free were.
    """
    answered = statuses.pop(201)
    assert set(statuses) <= {429}
    assert len(upstream.requests()) == 1
    assert Reply.objects.filter(status=Status.DONE).count() == Reply.objects.count() == answered
    usage = DailyUsage.objects.get(user=alice)
    assert usage.refunded == min(free, answered - 1)
    assert usage.used == 1 + max(0, answered - 1 - free)
    assert_ledger_is_exact()


@pytest.mark.usefixtures("_no_turn_is_lost")
def test_200_of_one_user(alice, upstream, settings):
    settings.DAILY_REFUND_LIMIT = 3
    settings.MAX_STREAMS_PER_USER = 10
    settings.DAILY_CHAT_LIMIT = 8
    statuses = ask_at_once(issue(alice)["access"], REQUESTS)
    check_one_user(alice, statuses, upstream, free=3)


@pytest.mark.usefixtures("_no_turn_is_lost")
def test_200_of_many_users(people, upstream, settings):
    settings.MAX_STREAMS_PER_USER, settings.DAILY_REFUND_LIMIT = REQUESTS, REQUESTS
    tokens = ",".join(issue(user)["access"] for user in people)
    settings.DAILY_CHAT_LIMIT = REQUESTS
    assert ask_at_once(tokens, REQUESTS) == {201: REQUESTS}
    assert len(upstream.requests()) == 1
    assert sum(map(used, people)) == 1
    assert_ledger_is_exact()


def test_200_from_processes(alice, upstream):
    statuses = ask_from_processes(issue(alice)["access"], upstream, ANSWER_CACHE="exact")
    check_one_user(alice, statuses, upstream, free=20)
