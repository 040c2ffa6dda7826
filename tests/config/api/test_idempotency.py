import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.api.idempotency import BadIdempotencyKey, fingerprint, idempotency_key


def key_of(header: str | None) -> str | None:
    headers = {} if header is None else {"Idempotency-Key": header}
    return idempotency_key(Request(APIRequestFactory().post("/", headers=headers)))


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (None, None),
        ("abc", "abc"),
        ('"abc"', "abc"),
        (' "a b" ', "a b"),
        ('"', '"'),
        ('a"b', 'a"b'),
        ("x" * 255, "x" * 255),
        ('"' + "x" * 255 + '"', "x" * 255),
    ],
)
def test_key(header, key):
    assert key_of(header) == key


@pytest.mark.parametrize("header", ["", "  ", '""', "x" * 256, "a\tb", "대사", "a\x7f"])
def test_bad_key(header):
    with pytest.raises(BadIdempotencyKey) as raised:
        key_of(header)
    assert (raised.value.status_code, raised.value.code) == (400, "bad_idempotency_key")


def test_equal_input_has_an_equal_fingerprint():
    one = fingerprint({"content": "하늘", "temperature": 0.5})
    assert one == fingerprint({"temperature": 0.5, "content": "하늘"})
    assert len(one) == 64
    assert int(one, 16)


@pytest.mark.parametrize(
    "other",
    [{"content": "Hello "}, {"content": "hello"}, {"content": "Hello", "model": "a"}, {}],
)
def test_other_input_has_another(other):
    assert fingerprint(other) != fingerprint({"content": "Hello"})
