"""Texts across processes: two relays on one Redis stand for two processes."""

import time
from contextlib import contextmanager
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from chat.live.redis_relay import Gap, RedisRelay, Tail
from chat.live.registry import Registry, registry
from chat.live.streams import STOP, Live
from tests.environment import SETTINGS


@pytest.fixture
def writing():
    """The process that writes. The tests flush it themselves."""
    return RedisRelay(SETTINGS["REDIS_URL"])


@pytest.fixture
def reading():
    return RedisRelay(SETTINGS["REDIS_URL"])


@contextmanager
def opened(relay):
    live = Live(uuid4(), on_change=relay.touch)
    yield live
    if not live.ended:
        live.end()


def read_once(relay, last_request="0-0"):
    return relay._read_once(last_request)


@pytest.mark.redis
def test_text_is_followed_in_another_process(writing, reading):
    with opened(writing) as live:
        live.append("안녕")
        assert writing.flush()
        with reading.follow(live.stream_id) as elsewhere:
            assert elsewhere.text() == "안녕"
            live.append("하세요")
            live.end()
            assert writing.flush()
            read_once(reading)
            assert elsewhere.text() == "안녕하세요"
            assert elsewhere.ended


@pytest.mark.redis
def test_readers_share_one_text(writing, reading):
    with opened(writing) as live:
        live.append("x")
        writing.flush()
        with reading.follow(live.stream_id) as first, reading.follow(live.stream_id) as second:
            assert first is second
        assert not reading._tails


@pytest.mark.redis
def test_text_with_a_gap_is_not_followed(writing, reading):
    with opened(writing) as live:
        live.append("one ")
        writing.flush()
        redis = Redis.from_url(SETTINGS["REDIS_URL"])
        redis.delete(f"daesa:stream:{live.stream_id}")
        live.append("two ")
        writing.flush()  # arrives with a gap, which readers notice
        with reading.follow(live.stream_id) as elsewhere:
            assert elsewhere is None
        redis.close()


def test_failed_batch_is_written_again_from_the_beginning():
    away = RedisRelay("redis://127.0.0.1:1/0")
    with opened(away) as live:
        live.append("one ")
        live.relayed = 2
        assert not away.flush()
        assert live.relayed == 0
        assert away._dirty == {live.stream_id: live}
        away._dirty.clear()


def test_without_redis_no_call_waits():
    away = RedisRelay("redis://127.0.0.1:1/0")
    with away.follow(uuid4()) as elsewhere:
        assert elsewhere is None
    assert away.text_of(uuid4()) == ""
    away.request_stop(uuid4())


@pytest.mark.redis
def test_batch_that_arrived_after_all(writing, reading):
    """Written twice, it is read once."""
    with opened(writing) as live:
        live.append("one ")
        writing.flush()
        live.relayed = 0
        writing.touch(live)
        assert writing.flush()
        live.append("two ")
        live.relayed = 0
        assert writing.flush()
        with reading.follow(live.stream_id) as elsewhere:
            assert elsewhere.text() == "one two "
        assert reading.text_of(live.stream_id) == "one two "


@pytest.mark.redis
def test_stop_reaches_the_writer(writing, reading):
    live = registry.open(uuid4())
    last_request = writing._last_request()
    reading.request_stop(live.stream_id)
    read_once(writing, last_request)
    registry.close(live.stream_id)
    assert live.cancelled == STOP


@pytest.mark.redis
def test_texts_expire(writing):
    with opened(writing) as live:
        live.append("x")
        writing.flush()
        redis = Redis.from_url(SETTINGS["REDIS_URL"])
        key = f"daesa:stream:{live.stream_id}"
        assert 3000 < redis.ttl(key) <= 3600
        live.end()
        writing.flush()
        assert 0 < redis.ttl(key) <= 120
        redis.close()


@pytest.mark.redis
def test_started_relay_writes_and_stops_by_itself(reading):
    own = Registry()
    RedisRelay(SETTINGS["REDIS_URL"], own).start()
    live = own.open(uuid4())
    live.append("by itself")
    end = time.monotonic() + 30
    while reading.text_of(live.stream_id) != "by itself" and time.monotonic() < end:
        time.sleep(0.02)
    assert reading.text_of(live.stream_id) == "by itself"
    reading.request_stop(live.stream_id)
    while not live.cancelled and time.monotonic() < end:
        time.sleep(0.02)
    assert live.cancelled == STOP
    own.close(live.stream_id)


@given(
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    cuts=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=12),
)
def test_any_entries_give_each_character_once_or_a_gap(text, cuts):
    """Also when pieces overlap or are written twice."""
    tail = Tail(Live())
    for start, size in cuts:
        piece = text[start : start + size]
        if not piece:
            continue
        fields = {b"at": str(start).encode(), b"text": piece.encode()}
        if start > tail.live.length:
            with pytest.raises(Gap):
                tail.take([(b"1-0", fields)])
        else:
            tail.take([(b"1-0", fields)])
        assert text.startswith(tail.live.text())
