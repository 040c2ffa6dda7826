from hypothesis import given
from hypothesis import strategies as st

from chat.upstream.response_body import ChunkedDecoder
from tests.chat.upstream.test_sse import parts_of

TRAILERS = st.sampled_from([b"", b"X-Sum: 1\r\n"])
EXTENSIONS = st.sampled_from([b"", b";name=value"])


@given(st.lists(st.binary(min_size=1), max_size=5), TRAILERS, EXTENSIONS, st.data())
def test_the_payload_does_not_depend_on_how_bytes_are_split(payloads, trailers, extension, data):
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in payloads)
    body += b"0\r\n" + trailers + b"\r\n"
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=10))
    decoder = ChunkedDecoder()
    assert b"".join(decoder.feed(part) for part in parts_of(body, cuts)) == b"".join(payloads)
    assert decoder.is_ended
    assert not decoder.is_broken


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_are_accepted(parts):
    decoder = ChunkedDecoder()
    for part in parts:
        decoder.feed(part)


def decode(received: bytes) -> tuple[bytes, bool]:
    decoder = ChunkedDecoder()
    return decoder.feed(received), decoder.is_broken


def test_the_payload_before_an_error_is_kept():
    assert decode(b"2\r\nhi\r\nxyz\r\n") == (b"hi", True)
    assert decode(b"2\r\nhi there\r\n") == (b"hi", True)
    assert decode(b"\r\n") == (b"", True)
    assert decode(b"-2\r\nhi\r\n") == (b"", True)


def test_a_size_that_never_ends():
    assert decode(b"1" * 5000) == (b"", True)


def test_bytes_after_the_last_chunk_are_not_decoded():
    assert decode(b"2\r\nhi\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n") == (b"hi", False)
