"""Which errors say that the request is too long for the model."""

import orjson
import pytest

from chat.upstream import errors
from chat.upstream.error_mapping import from_event, from_response
from tests.chat.upstream.wordings import NOT_TOO_LONG, TOO_LONG


def failure_of(status, body):
    raw = body.encode() if isinstance(body, str) else orjson.dumps(body)
    return from_response(status=status, headers={}, body=raw)


def test_the_tables_are_large():
    assert len(TOO_LONG) >= 32
    assert len(NOT_TOO_LONG) >= 20


@pytest.mark.parametrize("case", TOO_LONG)
def test_too_long(case):
    failure = failure_of(*TOO_LONG[case])
    assert type(failure) is errors.UpstreamContextTooLong
    assert not failure.trips_breaker


@pytest.mark.parametrize("case", NOT_TOO_LONG)
def test_not_too_long(case):
    assert type(failure_of(*NOT_TOO_LONG[case])) is not errors.UpstreamContextTooLong


def test_as_an_event_in_a_stream():
    for case, (status, body) in TOO_LONG.items():
        error = body[0] if isinstance(body, list) else body
        if status != 413:
            kind = type(from_event(error.get("error", error)))
            assert kind is errors.UpstreamContextTooLong, case


def test_a_rate_limit_with_a_status_of_its_own_is_kept():
    limited = {"error": {"message": "This model's maximum context length is 8192 tokens."}}
    assert type(failure_of(429, limited)) is errors.UpstreamRateLimited
