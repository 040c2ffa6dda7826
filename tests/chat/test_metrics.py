"""What /metrics counts: each turn once, by the process that ended it."""

import json
import logging
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client import REGISTRY

from chat.live import readers
from chat.live.registry import registry
from chat.models import Reply, Status
from chat.turns import finish, heartbeat, quota, recover
from chat.turns.errors import TurnCrashed
from tests.chat.asking import ask, ask_streaming, begin_turn, make_chat, used


def read() -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample of the chat by its name and the values of its labels, without buckets."""
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for metric in REGISTRY.collect()
        if metric.name.startswith("daesa_") and metric.name != "daesa_responses"
        for sample in metric.samples
        if "le" not in sample.labels
    }


class Changes:
    """What was counted since the start of the test, by name without prefix."""

    def __init__(self) -> None:
        self._before = read()

    def __call__(self, *, timed: bool = False) -> dict[str, float]:
        grown = {key: value - self._before.get(key, 0) for key, value in read().items()}
        return {
            " ".join([name.removeprefix("daesa_"), *labels]): value
            for (name, labels), value in grown.items()
            if value and (timed or not name.endswith("_sum"))
        }


@pytest.fixture
def changes() -> Changes:
    return Changes()


def start(user):
    turn = begin_turn(user)
    registry.close(turn.reply.stream_id)
    return turn


def test_a_whole_answer(as_alice, upstream, changes):
    body = ask(as_alice, "[[chunks: 4]] [[slow: 0.02]]").json()
    assert body["chat_reply"]["status"] == "done"
    counted = changes(timed=True)
    wait = counted.pop("time_to_first_token_seconds_sum fake")
    speed = counted.pop("tokens_per_second_sum fake")
    assert counted == {
        "turns_total done fake": 1,
        "time_to_first_token_seconds_count fake": 1,
        "tokens_per_second_count fake": 1,
    }
    assert 0 < wait < 5
    assert 0 < speed < 1000


@pytest.mark.django_db(transaction=True)
def test_a_streamed_answer_of_the_board(as_alice, upstream, changes):
    ask_streaming(as_alice, "To be?", model="board")
    counted = {"turns_total done board": 1, "time_to_first_token_seconds_count board": 1}
    end = time.monotonic() + 30
    while changes() != counted and time.monotonic() < end:
        time.sleep(0.01)
    assert changes() == counted


def test_a_failure_of_the_upstream(as_alice, upstream, changes):
    assert ask(as_alice, model="fake-500").status_code == 502
    assert changes() == {
        "turns_total failed fake-500": 1,
        "upstream_failures_total upstream_failed": 1,
        "refunds_total": 1,
    }


def test_a_failure_that_is_charged(as_alice, upstream, changes):
    assert ask(as_alice, model="fake-filter").status_code == 422
    counted = changes()
    assert counted.pop("time_to_first_token_seconds_count fake-filter", 1) == 1
    assert counted.pop("tokens_per_second_count fake-filter", 1) == 1
    assert counted == {
        "turns_total failed fake-filter": 1,
        "upstream_failures_total upstream_content_filter": 1,
    }


def test_the_board_in_place_of_the_upstream(as_alice, upstream, changes, settings):
    settings.FALLBACK_TO_BOARD = True
    assert ask(as_alice, model="fake-500").status_code == 201
    assert changes() == {
        "turns_total done board": 1,
        "time_to_first_token_seconds_count board": 1,
        "upstream_failures_total upstream_failed": 1,
    }


def test_a_refusal(as_alice, settings, changes):
    settings.DAILY_CHAT_LIMIT = 0
    assert ask(as_alice).status_code == 429
    assert changes() == {"quota_refusals_total": 1}


def test_each_turn_is_counted_once(alice, changes):
    turn = start(alice)
    assert finish.finish_turn(turn, content="x", finish_reason="stopped", status=Status.STOPPED)
    assert not finish.finish_turn(turn, content="x", finish_reason="stop", status=Status.DONE)
    assert not finish.fail_turn(turn.reply, failure=TurnCrashed(), content="")
    assert changes() == {"turns_total stopped fake": 1}


@pytest.mark.django_db(transaction=True)
def test_an_end_that_is_not_committed_is_not_counted(alice, changes, monkeypatch):
    turn = start(alice)

    def away(**_fields):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(quota, "give_back", away)
        with pytest.raises(OperationalError):
            finish.fail_turn(turn.reply, failure=TurnCrashed(), content="")
    assert changes() == {}
    assert used(alice) == 1
    assert finish.fail_turn(turn.reply, failure=TurnCrashed(), content="")
    assert changes() == {"turns_total failed fake": 1, "refunds_total": 1}
    assert used(alice) == 0


def lost_turn(user, **fields) -> Reply:
    long_ago = timezone.now() - timedelta(minutes=5)
    reply = {"status": Status.STREAMING, "charged_day": timezone.localdate(), **fields}
    quota.reserve(user=user)
    chat = make_chat(user, "A secret", "Another", reply=reply)
    Reply.objects.filter(chat=chat).update(heartbeat_at=long_ago, created_at=long_ago)
    return Reply.objects.get(chat=chat)


def test_what_the_reaper_ends(alice, changes, caplog):
    interrupted, stopped = lost_turn(alice), lost_turn(alice, stop_requested=True)
    with caplog.at_level(logging.INFO, "chat.turns.finish"):
        assert recover.reap(silent_for=timedelta(minutes=1)) == 2
    assert recover.reap(silent_for=timedelta(minutes=1)) == 0
    assert changes() == {
        "turns_total interrupted fake": 2,
        "refunds_total": 2,
        "turns_reaped_total": 2,
    }
    assert sorted((line.status, line.reply) for line in caplog.records) == [
        ("interrupted", interrupted.pk),
        ("interrupted", stopped.pk),
    ]
    assert all(300_000 <= line.ms < 360_000 for line in caplog.records)


def test_what_is_open_now(alice, changes):
    live = registry.open(start(alice).reply.stream_id)
    with readers.reading(alice), readers.reading(alice):
        heartbeat.measure()
        assert {name: n for name, n in changes().items() if "database" not in name} == {
            "answers_being_written": 1,
            "open_streams": 2,
        }
    registry.close(live.stream_id)
    heartbeat.measure()
    assert not {"answers_being_written", "open_streams"} & set(changes())


def test_the_last_heartbeat_and_the_alarm(time_machine, caplog):
    time_machine.move_to(1_900_000_000, tick=False)
    monitor = heartbeat.HeartbeatMonitor()
    seen = []
    for seconds in (3, 9, 4, 5, 8):  # the second heartbeat is late, and then none is stored
        time_machine.shift(seconds)
        monitor.warn()
        if seconds < 4:
            monitor.begin()
            monitor.stored()
        seen.append(len(caplog.records))
    shown = read()["daesa_last_heartbeat_timestamp_seconds", ()]
    assert shown == 1_900_000_003
    assert seen == [0, 0, 1, 1, 2]
    assert {record.levelname for record in caplog.records} == {"ERROR"}
    assert caplog.messages[0].startswith("no heartbeat stored for 13 s; after 25 s")


@pytest.mark.postgres
@pytest.mark.postgres
def test_the_pool(db):
    connection.ensure_connection()
    heartbeat.measure()
    shown = read()
    assert shown["daesa_database_connections", ("used",)] >= 1
    size = connection.settings_dict["OPTIONS"]["POOL_SIZE"]
    assert shown["daesa_database_connections_max", ()] == size


def test_the_log_line_of_a_turn(as_alice, alice, upstream, caplog):
    with caplog.at_level(logging.INFO, "chat.turns.finish"):
        body = ask(as_alice, "A secret", headers={"X-Request-ID": "abc-1"}).json()
    [line] = [line for line in caplog.records if line.name == "chat.turns.finish"]
    extra = set(vars(line)) - set(vars(logging.makeLogRecord({}))) - {"message", "asctime"}
    shown = {name: getattr(line, name) for name in extra}
    assert 0 <= shown.pop("first_token_ms") <= shown.pop("ms") < 5000
    reply = body["chat_reply"]
    assert shown == {
        "request_id": "abc-1",
        "status": "done",
        "reply": reply["id"],
        "chat": body["id"],
        "user": alice.pk,
        "model": "fake",
        "server": "",
        "error_code": "",
        "finish_reason": "stop",
        "prompt_tokens": reply["usage"]["prompt_tokens"],
        "completion_tokens": reply["usage"]["completion_tokens"],
    }
    assert "secret" not in json.dumps(vars(line), default=str)
    [asked] = [seen for seen in upstream.seen() if seen["path"].endswith("/completions")]
    headers = {name.lower(): value for name, value in asked["headers"].items()}
    assert headers["x-request-id"] == "abc-1"
