"""Texts across processes: two mirrors on one Redis stand for two processes."""

import time
from contextlib import contextmanager
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from chat.mirror import Gap, Mirror, Tail
from chat.streams import STOP, Live, Registry, registry
from tests.environment import SETTINGS

needs_redis = pytest.mark.skipif(not SETTINGS["REDIS_URL"], reason="needs Redis")


@pytest.fixture
def writing():
    """The process that writes. Its texts are flushed by hand."""
    return Mirror(SETTINGS["REDIS_URL"])


@pytest.fixture
def reading():
    return Mirror(SETTINGS["REDIS_URL"])


@contextmanager
def opened(mirror):
    live = Live(uuid4(), changed=mirror.touch)
    yield live
    if not live.ended:
        live.end()


def read_on(mirror, stops="0-0"):
    return mirror._read_once(stops)


@needs_redis
def test_text_is_followed_elsewhere(writing, reading):
    with opened(writing) as live:
        live.append("안녕")
        assert writing.flush()
        with reading.follow(live.stream_id) as elsewhere:
            assert elsewhere.text() == "안녕"
            live.append("하세요")
            live.end()
            assert writing.flush()
            read_on(reading)
            assert elsewhere.text() == "안녕하세요"
            assert elsewhere.ended


@needs_redis
def test_readers_share_one_text(writing, reading):
    with opened(writing) as live:
        live.append("x")
        writing.flush()
        with reading.follow(live.stream_id) as first, reading.follow(live.stream_id) as second:
            assert first is second
        assert not reading._tails


@needs_redis
def test_redis_that_came_back_empty_gets_the_text_whole(writing, reading):
    with opened(writing) as live:
        live.append("one ")
        writing.flush()
        redis = Redis.from_url(SETTINGS["REDIS_URL"])
        redis.delete(f"daesa:stream:{live.stream_id}")
        live.append("two ")
        writing.flush()  # goes there with a gap, of which the readers learn
        with reading.follow(live.stream_id) as elsewhere:
            assert elsewhere is None
        redis.close()


def test_failed_batch_is_written_again_from_the_beginning():
    away = Mirror("redis://127.0.0.1:1/0")
    with opened(away) as live:
        live.append("one ")
        live.mirrored = 2
        assert not away.flush()
        assert live.mirrored == 0
        assert away._dirty == {live.stream_id: live}
        away._dirty.clear()


def test_without_redis_nobody_is_kept_waiting():
    away = Mirror("redis://127.0.0.1:1/0")
    with away.follow(uuid4()) as elsewhere:
        assert elsewhere is None
    assert away.text_of(uuid4()) == ""
    away.ask_to_stop(uuid4())


@needs_redis
def test_batch_that_arrived_after_all(writing, reading):
    """Written twice, it is read once."""
    with opened(writing) as live:
        live.append("one ")
        writing.flush()
        live.mirrored = 0
        writing.touch(live)
        assert writing.flush()
        live.append("two ")
        live.mirrored = 0
        assert writing.flush()
        with reading.follow(live.stream_id) as elsewhere:
            assert elsewhere.text() == "one two "
        assert reading.text_of(live.stream_id) == "one two "


@needs_redis
def test_stop_reaches_the_writer(writing, reading):
    live = registry.open(uuid4())
    stops = writing._last_stop()
    reading.ask_to_stop(live.stream_id)
    read_on(writing, stops)
    registry.close(live.stream_id)
    assert live.cut == STOP


@needs_redis
def test_nothing_is_kept_for_ever(writing):
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


@needs_redis
def test_started_mirror_does_all_by_itself(writing, reading, monkeypatch):
    own = Registry()
    monkeypatch.setattr("chat.mirror.registry", own)
    writing.start()
    live = own.open(uuid4())
    live.append("by itself")
    end = time.monotonic() + 5
    while reading.text_of(live.stream_id) != "by itself" and time.monotonic() < end:
        time.sleep(0.02)
    assert reading.text_of(live.stream_id) == "by itself"
    reading.ask_to_stop(live.stream_id)
    while not live.cut and time.monotonic() < end:
        time.sleep(0.02)
    assert live.cut == STOP
    own.close(live.stream_id)


@given(
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    cuts=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=12),
)
def test_any_entries_give_each_character_once_or_a_gap(text, cuts):
    """Whatever was written twice, from wherever, in whatever pieces."""
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
