"""What each ending of a turn costs: the table of ADR 0002, row by row, and the bound on refunds."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any, NamedTuple

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chat.live.registry import registry
from chat.live.streams import INTERRUPT
from chat.models import DailyUsage, Reply, Status
from chat.turns import finish, generate, quota, recover
from chat.turns.errors import TurnCrashed
from tests.chat.asking import ask, begin_turn, wait_for_end
from tests.factories import make_user
from tests.upstream import IMPATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

TEXT = "[[say: one, two, six, ten.]] [[chunks: 4]]"
SLOW = f"{TEXT} [[slow: 0.3]]"


class Ending(NamedTuple):
    """`keeps_unit` is what is tested; `settings` and `end` bring the ending about."""

    status: Status
    keeps_unit: bool
    question: str = TEXT
    settings: dict[str, Any] = {}
    end: Callable[[Any, Any], None] = lambda client, monkeypatch: None


def fault(name: str, question: str = TEXT) -> str:
    return f"{question} [[fault: {name}]]"


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.01)
    raise TimeoutError


def stop(client: Any, _: Any) -> None:
    assert client.delete(f"/chat/stream/{Reply.objects.get().stream_id}").status_code == 204


def stop_amid(client: Any, monkeypatch: Any) -> None:
    wait_for(lambda: registry.all()[0].length)
    stop(client, monkeypatch)


def interrupt(_: Any, __: Any) -> None:
    wait_for(registry.all)[0].cancel(INTERRUPT)


def interrupt_amid(_: Any, __: Any) -> None:
    wait_for(lambda: registry.all()[0].length)
    interrupt(_, __)


def lose(**changes: Any) -> Callable[[Any, Any], None]:
    """The process that writes the answer dies: no more heartbeats."""

    def end(_: Any, monkeypatch: Any) -> None:
        long_ago = timezone.now() - timedelta(hours=1)
        Reply.objects.update(heartbeat_at=long_ago, **changes)
        assert recover.reap(silent_for=recover.LOST_AFTER) == 1

    return end


def crash(*_: Any, **__: Any) -> None:
    raise RuntimeError


SILENT = fault("timeout-body")
FALLBACK = {"FALLBACK_TO_BOARD": True}

ENDINGS = {
    # An answer, whole or cut to its length.
    "done": Ending(Status.DONE, True),
    "done, no usage shown": Ending(Status.DONE, True, fault("no-usage")),
    "length": Ending(Status.DONE, True, fault("length")),
    "the board in place of a failure": Ending(Status.DONE, True, fault("500"), FALLBACK),
    "the board in place of nothing": Ending(Status.DONE, True, fault("empty"), FALLBACK),
    "the board in place of reasoning": Ending(Status.DONE, True, fault("unseen"), FALLBACK),
    # The upstream ended in order, and there is nothing to read.
    "nothing": Ending(Status.FAILED, False, fault("empty")),
    "white space": Ending(Status.FAILED, True, fault("blank")),
    "spaces and tabs": Ending(Status.FAILED, True, "[[say: \t \t ]]"),
    "reasoning": Ending(Status.FAILED, True, fault("unseen")),
    "tokens alone": Ending(Status.FAILED, True, fault("counted")),
    # The content filter, before and after the text.
    "filter": Ending(Status.FAILED, True, fault("filter")),
    "filter of the question": Ending(Status.FAILED, True, fault("filter-400")),
    "filter, with a board": Ending(Status.FAILED, True, fault("filter-400"), FALLBACK),
    # The upstream failed, before and after the first words.
    "refused": Ending(Status.FAILED, False, fault("401")),
    "too long": Ending(Status.FAILED, False, fault("context")),
    "down": Ending(Status.FAILED, False, fault("500")),
    "silent": Ending(Status.FAILED, False, SILENT, {"UPSTREAM_FIRST_BYTE_TIMEOUT": IMPATIENCE}),
    "malformed": Ending(Status.FAILED, False, fault("garbage")),
    "silent after words": Ending(
        Status.FAILED, False, fault("stall"), {"UPSTREAM_CHUNK_TIMEOUT": IMPATIENCE}
    ),
    "broken off": Ending(Status.FAILED, False, fault("die")),
    "broken off, with a board": Ending(Status.FAILED, False, fault("die"), FALLBACK),
    "aborted": Ending(Status.FAILED, False, fault("abort")),
    "error amid words": Ending(Status.FAILED, False, fault("error-event")),
    # The server failed, or its process ended.
    "interrupted": Ending(Status.INTERRUPTED, False, SILENT, {}, interrupt),
    "interrupted after words": Ending(Status.INTERRUPTED, False, SLOW, {}, interrupt_amid),
    # The user stopped it.
    "stopped before words": Ending(Status.STOPPED, True, SILENT, {}, stop),
    "stopped after words": Ending(Status.STOPPED, True, SLOW, {}, stop_amid),
}
LOST = {
    "lost": Ending(Status.INTERRUPTED, False, end=lose()),
    "lost after words": Ending(Status.INTERRUPTED, False, end=lose(content="so far")),
    "lost, to be stopped": Ending(Status.INTERRUPTED, False, end=lose(stop_requested=True)),
}


def assert_settled(user, ending, *, refunds_left):
    """One reply, charged or not by the rule and the day's refunds, and a ledger that agrees."""
    reply = wait_for_end()
    is_charged = ending.keeps_unit or not refunds_left
    assert reply.status == ending.status
    assert reply.charged_day == (timezone.localdate() if is_charged else None)
    ledger = DailyUsage.objects.get(user=user)
    assert (ledger.used, ledger.refunded) == (int(is_charged), int(not is_charged))
    assert ledger.used == Reply.objects.filter(charged_day=ledger.day).count()
    return is_charged


@pytest.mark.parametrize("refunds", [20, 0])
@pytest.mark.parametrize("name", ENDINGS)
def test_ending(as_alice, alice, settings, monkeypatch, name, refunds):
    ending = ENDINGS[name]
    settings.DAILY_REFUND_LIMIT = refunds
    for setting, value in ending.settings.items():
        setattr(settings, setting, value)
    started = as_alice.post("/chat/stream", {"content": ending.question})
    assert started.status_code == 202
    ending.end(as_alice, monkeypatch)
    is_charged = assert_settled(alice, ending, refunds_left=refunds)
    shown = as_alice.get(f"/chat/{started.json()['chat']}")
    assert shown.json()["chat_reply"]["charged"] is is_charged
    assert shown["RateLimit"].startswith(f'"daily";r={5 - is_charged};')


@pytest.mark.parametrize("refunds", [20, 0])
@pytest.mark.parametrize("name", LOST)
def test_ending_of_a_lost_turn(as_alice, alice, settings, monkeypatch, name, refunds):
    ending = LOST[name]
    settings.DAILY_REFUND_LIMIT = refunds
    registry.close(begin_turn(alice, ending.question).reply.stream_id)
    ending.end(as_alice, monkeypatch)
    assert_settled(alice, ending, refunds_left=refunds)


@pytest.mark.parametrize("refunds", [20, 0])
def test_ending_by_a_crash(as_alice, alice, settings, monkeypatch, refunds):
    settings.DAILY_REFUND_LIMIT = refunds
    monkeypatch.setattr(generate, "build_messages", crash)
    as_alice.post("/chat/stream", {"content": TEXT})
    assert_settled(alice, Ending(Status.FAILED, keeps_unit=False), refunds_left=refunds)


def test_a_reader_that_leaves_changes_nothing(as_alice, alice):
    response = as_alice.post("/chat", {"content": SLOW}, headers={"Accept": "text/event-stream"})
    next(iter(response.streaming_content))
    response.close()
    assert_settled(alice, ENDINGS["done"], refunds_left=20)


# --- The bound ---------------------------------------------------------------------------------


def test_refunds_of_a_day_come_to_an_end(as_alice, alice, settings, upstream):
    """Limit and refunds together bound a user's requests to the upstream."""
    settings.DAILY_CHAT_LIMIT, settings.DAILY_REFUND_LIMIT = 2, 3
    responses = [ask(as_alice, fault("empty")) for _ in range(9)]
    assert [response.status_code for response in responses] == [502] * 5 + [429] * 4
    charged = [one.json()["chat"]["chat_reply"]["charged"] for one in responses[:5]]
    assert charged == [False, False, False, True, True]
    assert len(upstream.requests()) == 5
    assert list(DailyUsage.objects.values_list("used", "refunded")) == [(2, 3)]


def test_the_next_day_has_refunds_again(alice, settings):
    settings.DAILY_REFUND_LIMIT = 1
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    for day in (today, tomorrow):
        DailyUsage.objects.create(user=alice, day=day, used=2)
        assert [quota.give_back(user_id=alice.pk, day=day) for _ in range(2)] == [True, False]


def test_database_refuses_a_negative_count_of_refunds(alice):
    quota.reserve(user=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyUsage.objects.update(refunded=-1)


def test_turns_that_fail_at_once_get_back_exactly_the_bound(settings):
    settings.DAILY_CHAT_LIMIT, settings.MAX_STREAMS_PER_USER = 30, 30
    settings.DAILY_REFUND_LIMIT = 7
    user = make_user("racer")
    begun = [begin_turn(user) for _ in range(20)]
    barrier = Barrier(20, timeout=20)

    def go(turn):
        barrier.wait()
        finish.fail_turn(turn.reply, failure=TurnCrashed(), content="")
        registry.close(turn.reply.stream_id)
        connection.close()

    threads = [Thread(target=go, args=(turn,)) for turn in begun]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger = DailyUsage.objects.get()
    assert (ledger.used, ledger.refunded) == (13, 7)
    assert Reply.objects.filter(charged_day=ledger.day).count() == 13
    assert sum(turn.reply.charged_day is None for turn in begun) == 7, "as the objects have it"
