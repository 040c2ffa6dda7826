"""Decoding the body of an answer, without a connection."""

import json
from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.upstream import ClientOptions
from chat.upstream.completion import CompletionDecoder
from chat.upstream.finish_reasons import Ending
from chat.upstream.lenient_json import TextRepair
from chat.upstream.reasoning import ReasoningFilter
from chat.upstream.sse import EventDecoder

TEXTS = st.text(alphabet='ab <>/{}[]"\\,:\n\r가🎭é', max_size=6)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
NOISE = st.sampled_from([": keep-alive", ":", "event: message", "id: 7", "retry: 10"])
BEFORE = st.sampled_from(["", "\ufeff", "\n", "\ufeff\n\n"])
AFTER = st.sampled_from(["", "data: [DONE]", "data:[DONE]", 'data: "[DONE]"'])


@st.composite
def streams(draw) -> tuple[bytes, str]:
    """(a valid stream as bytes, its text), with any line ends and spellings."""
    texts, end = draw(st.lists(TEXTS, max_size=6)), draw(LINE_ENDS)
    is_ascii, space = draw(st.booleans()), draw(st.sampled_from(["", " "]))
    deltas = [{"role": "assistant"}, *({"content": text} for text in texts), {}]
    blocks = []
    for number, delta in enumerate(deltas, 1):
        choice = {"delta": delta, "finish_reason": "stop" if number == len(deltas) else None}
        data = json.dumps({"choices": [choice]}, ensure_ascii=is_ascii)
        blocks.append([*draw(st.lists(NOISE, max_size=1)), f"data:{space}{data}"])
    blocks.append([draw(AFTER)])
    body = draw(BEFORE) + "".join(end.join([*block, "", ""]) for block in blocks)
    return body.encode(), "".join(texts)


def parts_of(body: bytes, cuts: list[int]) -> list[bytes]:
    return [body[start:end] for start, end in pairwise([0, *sorted(cuts), len(body)])]


def read(parts: list[bytes]) -> tuple[str, bool, bool]:
    """(text, whether it is whole, whether it failed)."""
    decoder = CompletionDecoder(ClientOptions())
    text = "".join(decoder.feed(part) for part in parts) + decoder.end()
    is_whole = decoder.is_done or decoder.ending.is_whole
    return text, is_whole, decoder.failure is not None


@settings(max_examples=60)
@given(streams(), st.data())
def test_the_text_does_not_depend_on_how_bytes_are_split(stream, data):
    body, text = stream
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8))
    assert read(parts_of(body, cuts)) == (text, True, False)


@settings(max_examples=30)
@given(streams())
def test_single_bytes_give_the_same_text(stream):
    body, text = stream
    assert read([body[at : at + 1] for at in range(len(body))]) == (text, True, False)


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=30), max_size=8), st.sampled_from([b"", b"{", b"data: "]))
def test_any_bytes_are_accepted(parts, beginning):
    read([beginning, *parts])


@settings(max_examples=60)
@given(st.text(alphabet="a가🎭\ud83d\ude00\udcf0\udc98", max_size=8), st.data())
def test_a_repaired_text_does_not_depend_on_how_it_is_split(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    repair = TextRepair()
    parts = [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]
    repaired = "".join(map(repair.feed, parts)) + repair.feed("", is_last=True)
    assert repaired == TextRepair().feed(text, is_last=True)
    repaired.encode()


THOUGHTS = ["<think>", "</think>", "<thi", "nk>", "</th", "ink>", " ", "\n", "x", "[THINK]"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(THOUGHTS), max_size=8).map("".join))
def test_reasoning_does_not_depend_on_how_it_is_split(text):
    whole, single = ReasoningFilter(), ReasoningFilter()
    expected = whole.feed(text) + whole.end()
    assert "".join(map(single.feed, text)) + single.end() == expected
    assert single.take_reasoning() == whole.take_reasoning()
    assert not whole.take_reasoning()


@pytest.mark.parametrize(
    ("text", "thought"),
    [
        ("<think>\nHm.</think>So", "\nHm."),
        (" <thinking>a</thinking> <think>b</think>So", "ab"),
        ("[THINK]never closed </thin", "never closed </thin"),
        ("So <think>no tag</think>", ""),
    ],
)
def test_what_is_reasoning(text, thought):
    reasoning = ReasoningFilter()
    reasoning.feed(text)
    reasoning.end()
    assert reasoning.take_reasoning() == thought


@pytest.mark.parametrize(
    ("delta", "thought"),
    [
        ({"reasoning_content": "Hm"}, "Hm"),
        ({"reasoning": "Hm", "reasoning_content": "Hm"}, "Hm"),
        ({"reasoning": "Hm", "content": "<think>And so"}, "HmAnd so"),
        ({"reasoning": {"text": "Hm"}}, ""),
        ({"reasoning": "a\0b"}, "ab"),
    ],
)
def test_reasoning_in_a_field_of_its_own(delta, thought):
    decoder = CompletionDecoder(ClientOptions())
    decoder.feed(b"data: " + orjson.dumps({"choices": [{"delta": delta}]}) + b"\n\n")
    decoder.end()
    assert decoder.take_reasoning() == thought
    assert not decoder.take_reasoning()


def test_a_return_ends_an_event_at_once():
    events = EventDecoder()
    assert events.feed(b"data: a\r\r") == [b"a"]
    assert events.feed(b"data: b\r\n\r") == [b"b"]
    assert events.feed(b"\ndata: c\r\n") == []
    assert events.feed(b"\r\n") == [b"c"]


@pytest.mark.parametrize(
    ("chunks", "is_settled"),
    [
        ([("", True), ("stop", False)], True),
        ([("null", True), ("stop", True)], True),
        ([("", False), ("stop", False)], False),
        ([("stop", False), ("", True), ("stop", False)], False),
        ([("stop", True), ("stop", True)], False),
        ([("content_filter", False)], True),
        ([("", True), ("stop", False), ("stop", True)], False),
    ],
)
def test_when_no_more_text_can_follow(chunks, is_settled):
    ending = Ending()
    for reason, has_text in chunks:
        ending.take(reason, has_text=has_text)
    assert ending.is_settled is is_settled


def test_an_object_that_is_nested_too_deeply():
    assert read([b"data: " + b"[" * 200_000 + b"\n\n"]) == ("", False, True)
