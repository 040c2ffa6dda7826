from email.utils import format_datetime

import orjson
import pytest
from django.utils import timezone

from chat.upstream import errors
from chat.upstream.error_mapping import MAX_RETRY_AFTER, from_response, seconds_of


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"code": "context_length_exceeded"}, errors.UpstreamContextTooLong),
        (400, "This model's maximum context length is 8 tokens", errors.UpstreamContextTooLong),
        (422, {"message": "`inputs` tokens + `max_new_tokens` must be <= 4096"},
         errors.UpstreamContextTooLong),
        (500, {"type": "exceed_context_size_error"}, errors.UpstreamContextTooLong),
        (413, {"message": "Request too large"}, errors.UpstreamContextTooLong),
        (400, {"code": "content_filter"}, errors.UpstreamContentFilter),
        (400, {"code": "content_policy_violation"}, errors.UpstreamContentFilter),
        (404, {"message": "context length"}, errors.UpstreamModelNotFound),
        (418, None, errors.UpstreamRejected),
        (302, None, errors.UpstreamRejected),
        (529, None, errors.UpstreamFailed),
    ],
)  # fmt: skip
def test_kinds(status, error, kind):
    failure = from_response(status=status, headers={}, body=orjson.dumps({"error": error}))
    assert type(failure) is kind
    assert failure.upstream_status == status


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"detail": "x"}', b"\xff"])
def test_unknown_bodies(body):
    assert type(from_response(status=400, headers={}, body=body)) is errors.UpstreamRejected


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(408, True), (409, True), (429, True), (500, True), (504, True), (501, False), (400, False)],
)
def test_retryable_statuses(status, retryable):
    assert from_response(status=status, headers={}, body=b"{}").retryable is retryable


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("nan", 0.0),
        ("inf", MAX_RETRY_AFTER),
        ("1e300", MAX_RETRY_AFTER),
        ("", None),
        (None, None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_retry_after(given, seconds):
    assert seconds_of(given) == seconds


def test_retry_after_as_a_date():
    soon = timezone.now() + timezone.timedelta(seconds=60)  # type: ignore[attr-defined]
    assert 58 <= seconds_of(format_datetime(soon)) <= 60


def test_the_user_gets_whole_seconds():
    failure = from_response(status=429, headers={"Retry-After": "0.2"}, body=b"")
    assert failure.headers == {"Retry-After": "1"}
    assert from_response(status=429, headers={}, body=b"").headers == {"Retry-After": "5"}
    assert from_response(status=500, headers={}, body=b"").headers == {}
