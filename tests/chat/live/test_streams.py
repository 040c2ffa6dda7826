"""The live text: a reader gets each character once and in order, from any offset."""

from threading import Thread
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.live.registry import Registry, gathering_seconds, registry
from chat.live.streams import INTERRUPT, STOP, Live


def test_reader_gets_what_it_misses_in_one_piece():
    live = Live()
    live.append("안녕")
    live.append("하세요")
    live.end()
    assert list(live.follow(0)) == ["안녕하세요"]
    assert list(live.follow(1)) == ["녕하세요"]
    assert list(live.follow(3)) == ["세요"]
    assert list(live.follow(5)) == []


def test_reader_waits_for_new_text():
    live, got = Live(), []  # type: ignore[var-annotated]
    reader = Thread(target=lambda: got.extend(live.follow(0)))
    reader.start()
    live.append("a")
    live.append("b")
    live.end()
    reader.join(5)
    assert "".join(got) == "ab"


def test_pause_is_an_empty_piece():
    live = Live()
    pieces = live.follow(0, patience=0.01)
    assert next(pieces) == ""
    live.append("x")
    assert next(pieces) == "x"


def test_cancelling_ends_the_writer_s_wait_whenever_it_comes():
    calls = []
    early, late = Live(), Live()
    early.cancel(STOP)
    early.on_cancel(lambda: calls.append("early"))
    late.on_cancel(lambda: calls.append("late"))
    late.cancel(INTERRUPT)
    late.cancel(STOP)
    assert calls == ["early", "late", "late"]
    assert (early.cancelled, late.cancelled) == (STOP, INTERRUPT), "the first reason counts"


def test_registry_forgets_what_has_ended():
    registry, stream_id = Registry(), uuid4()
    live = registry.open(stream_id)
    assert registry.get(stream_id) is live
    assert len(registry) == 1
    registry.close(stream_id)
    registry.close(stream_id)
    assert live.ended
    assert registry.get(stream_id) is None


@given(
    pieces=st.lists(st.text(min_size=1, max_size=5), max_size=8),
    reads=st.lists(st.integers(0, 8), max_size=6),
)
def test_any_interleaving_of_appends_and_resumes_gives_each_character_once(pieces, reads):
    live, got = Live(), ""
    for number, piece in enumerate(pieces):
        live.append(piece)
        if number in reads:
            got += next(live.follow(len(got)))  # a reader that drops its connection and resumes
    live.end()
    got += "".join(live.follow(len(got)))
    assert got == "".join(pieces) == live.text()


def test_pieces_are_gathered_longer_the_more_answers_are_written():
    opened = [registry.open(uuid4()) for _ in range(300)]
    try:
        assert gathering_seconds() == pytest.approx(0.12)
        opened += [registry.open(uuid4()) for _ in range(1800)]
        assert gathering_seconds() == 0.8
    finally:
        for live in opened:
            registry.close(live.stream_id)
    assert gathering_seconds() == 0.05
