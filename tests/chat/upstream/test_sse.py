from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.upstream.response_body import ProtocolViolation
from chat.upstream.sse import EventDecoder

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
DATA = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1).map(
    str.strip
)
NOISE = st.sampled_from([": keep-alive", ":", "event: message", "id: 7", "retry: 10", "dat"])


@st.composite
def streams(draw):
    """(bytes with comments and other fields between the events, the data in them)."""
    texts = draw(st.lists(DATA.filter(bool), max_size=5))
    end = draw(LINE_ENDS)
    body = b""
    for text in texts:
        noise = [line.encode() for line in draw(st.lists(NOISE, max_size=2))]
        space = draw(st.sampled_from([b"data:", b"data: "]))
        body += end.join([*noise, space + text.encode(), b"", b""])
    return body, [text.encode() for text in texts]


def parts_of(body, cuts):
    edges = [0, *sorted(cuts), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


@given(streams(), st.data())
def test_the_events_do_not_depend_on_how_bytes_are_split(stream, data):
    body, expected = stream
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=10))
    events = EventDecoder()
    found = [event for part in parts_of(body, cuts) for event in events.feed(part)]
    found += events.end()
    assert [event.strip() for event in found] == [text.strip() for text in expected]


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_are_accepted(parts):
    events = EventDecoder()
    for part in parts:
        events.feed(part)
    events.end()


@given(streams())
def test_single_bytes_give_the_same_events(stream):
    body, expected = stream
    events = EventDecoder()
    found = [event for at in range(len(body)) for event in events.feed(body[at : at + 1])]
    assert [event.strip() for event in [*found, *events.end()]] == [
        text.strip() for text in expected
    ]


def test_a_line_without_an_end_is_refused():
    events = EventDecoder(max_event_bytes=5000)
    for _ in range(5000):
        events.feed(b"x")
    with pytest.raises(ProtocolViolation):
        events.feed(b"x")


def test_lines_of_one_event_are_joined():
    assert EventDecoder().feed(b"data: a\ndata: b\n\n") == [b"a\nb"]


def test_an_event_is_held_until_its_empty_line():
    events = EventDecoder()
    assert events.feed(b"data: a\n") == []
    assert events.feed(b"\ndata: b") == [b"a"]
    assert events.end() == [b"b"]
