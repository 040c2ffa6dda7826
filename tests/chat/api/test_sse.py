"""Events are parsed alike by clients that split lines at line feeds only, and by those that split
at every line separator of Unicode.
"""

import json
from contextlib import closing

import pytest
from httpx2._decoders import LineDecoder
from hypothesis import example, given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder
from rest_framework.test import APIRequestFactory

from chat.api import sse
from chat.live.readers import Reader
from chat.live.streams import Live
from chat.models import Status
from chat.upstream import close_default_upstream
from config.api.renderers import json_line
from tests.chat.asking import make_chat
from tests.chat.upstream.hostile import HostileServer, sized

ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
TEXTS = st.text(
    st.sampled_from(ENDS + "가a\x00\u0080\u2027\U0001f600\u00e2")
    | st.characters(exclude_categories=["Cs"])
)


def by_openai(raw: bytes, size: int) -> list[str]:
    pieces = (raw[at : at + size] for at in range(0, len(raw), size))
    return [event.data for event in SSEDecoder().iter_bytes(pieces)]


def by_httpx(raw: bytes, size: int) -> list[str]:
    text, decoder = raw.decode(), LineDecoder()
    lines = [
        line for at in range(0, len(text), size) for line in decoder.decode(text[at : at + size])
    ]
    return data_of([*lines, *decoder.flush()])


def by_python(raw: bytes, _size: int) -> list[str]:
    return data_of(raw.decode().splitlines())


def data_of(lines: list[str]) -> list[str]:
    assert all(line.startswith(("id: ", "event: ", "data: ")) for line in lines if line)
    return [line[6:] for line in lines if line.startswith("data: ")]


@pytest.mark.parametrize("read", [by_openai, by_httpx, by_python])
@given(text=TEXTS, size=st.integers(1, 40))
@example(text=ENDS, size=1)
@example(text=ENDS * 2000, size=1000)
def test_every_reader_gets_the_text(read, text, size):
    raw = sse.encode_chunk(text, after=0) + sse.encode(len(text) + 1, {"type": "END", text: text})
    chunk, end = map(json.loads, read(raw, size))
    assert chunk == {"type": "CHUNK", "content": text}
    assert end == {"type": "END", text: text}


def test_pause_is_sent_as_a_comment(alice):
    reply = make_chat(alice, answer="", reply={"status": Status.STREAMING}).chat_reply
    live, request = Live(), APIRequestFactory().get("/")
    reader = Reader(live, keepalive=0.01)
    with closing(sse.events(request, reply, reader, after=0, turn=None)) as events:
        assert next(events) == sse.KEEPALIVE  # at once, to send the headers
        assert next(events) == b": keep-alive\n\n"
        live.append("x")
        assert next(events) == b'id: 1\nevent: chunk\ndata: {"type":"CHUNK","content":"x"}\n\n'


@given(TEXTS)
def test_a_line_is_one_line(text):
    line = json_line({"text": text}).decode()
    assert line.splitlines() == [line]
    assert json.loads(line) == {"text": text}


@pytest.mark.django_db(transaction=True)
def test_over_the_wire(as_alice, upstream, settings):
    said = f"a{ENDS}b"
    chunk = {"choices": [{"delta": {"content": said}, "finish_reason": "stop"}]}
    body = b"data: %b\n\ndata: [DONE]\n\n" % json.dumps(chunk).encode()
    server = HostileServer(lambda wire: wire.send(sized(body)))
    headers = {"Accept": "text/event-stream"}
    with server.running() as settings.OPENAI_BASE_URL:
        response = as_alice.post("/chat", {"content": "Hello"}, headers=headers)
        raw = b"".join(response.streaming_content)
        close_default_upstream()
    for read in (by_openai, by_httpx, by_python):
        last = json.loads(read(raw, 64)[-1])
        assert (last["type"], last["full_content"]) == ("END", said)
