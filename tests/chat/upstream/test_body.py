from hypothesis import given
from hypothesis import strategies as st

from chat.upstream.body import Chunks
from tests.chat.upstream.test_sse import parts_of

TRAILERS = st.sampled_from([b"", b"X-Sum: 1\r\n"])
EXTENSIONS = st.sampled_from([b"", b";name=value"])


@given(st.lists(st.binary(min_size=1), max_size=5), TRAILERS, EXTENSIONS, st.data())
def test_any_cutting_gives_the_same_bytes(payloads, trailers, extension, data):
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in payloads)
    body += b"0\r\n" + trailers + b"\r\n"
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=10))
    chunks = Chunks()
    assert b"".join(chunks.feed(part) for part in parts_of(body, cuts)) == b"".join(payloads)
    assert chunks.ended
    assert not chunks.broken


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_are_survived(parts):
    chunks = Chunks()
    for part in parts:
        chunks.feed(part)


def broken(received: bytes) -> tuple[bytes, bool]:
    chunks = Chunks()
    return chunks.feed(received), chunks.broken


def test_what_came_before_the_garbage_is_kept():
    assert broken(b"2\r\nhi\r\nxyz\r\n") == (b"hi", True)
    assert broken(b"2\r\nhi there\r\n") == (b"hi", True)
    assert broken(b"\r\n") == (b"", True)
    assert broken(b"-2\r\nhi\r\n") == (b"", True)


def test_a_size_that_never_ends():
    assert broken(b"1" * 5000) == (b"", True)


def test_what_follows_the_last_chunk_is_not_looked_at():
    assert broken(b"2\r\nhi\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n") == (b"hi", False)
