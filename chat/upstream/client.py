"""Asking the upstream: one request, its bounded retries, and the answer once its head is there."""

import random
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import TypedDict

import orjson
from django.conf import settings
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
)
from urllib3.response import HTTPResponse
from urllib3.util import Timeout

from chat.upstream import endpoint, limits, refusals
from chat.upstream.answer import Answer
from chat.upstream.body import Body
from chat.upstream.call import Call
from chat.upstream.endpoint import Endpoint, Stale
from chat.upstream.errors import (
    UpstreamDisconnected,
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnavailable,
    UpstreamUnreachable,
)

PATH = "/chat/completions"
_STALE_IN_A_ROW = 3


class Message(TypedDict):
    role: str
    content: str


def open_answer(
    *,
    model: str,
    messages: Sequence[Message],
    temperature: float,
    max_tokens: int,
    request_id: str = "-",
) -> Answer:
    """Asks, and returns the answer once its head is there; its text comes by iterating it.

    Raises an UpstreamFailed, as iterating may. Whoever has the answer iterates or closes it.
    """
    target = endpoint.current()
    call = Call(model=model, breaker=target.breaker)
    body = orjson.dumps(
        {
            "model": model,
            "messages": messages,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )
    try:
        _pass_breaker(target)
        response = _send_with_retries(target, body=body, request_id=request_id, call=call)
    except UpstreamFailed as failure:
        call.fail(failure)
        raise
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    return Answer(body=Body(response), call=call, is_json=is_json)


def _pass_breaker(target: Endpoint) -> None:
    if not target.base_url:
        raise UpstreamUnreachable
    if wait := target.breaker.admit():
        raise UpstreamUnavailable(wait=wait)


def _send_with_retries(
    target: Endpoint, *, body: bytes, request_id: str, call: Call
) -> HTTPResponse:
    while True:
        call.attempts += 1
        try:
            response = _send(target, body=body, request_id=request_id)
            call.status = response.status
            _refuse(response)
        except UpstreamFailed as failure:
            wait = _wait_before_retry(failure, attempts=call.attempts)
            if wait is None:
                raise
        else:
            return response
        time.sleep(wait)


def _wait_before_retry(failure: UpstreamFailed, *, attempts: int) -> float | None:
    """Seconds; None where no retry is worth it. Exponential, with full jitter, so that those who
    failed together do not come back together.
    """
    if not failure.retryable or attempts > limits.RETRIES:
        return None
    if failure.wait is not None:
        return failure.wait if failure.wait <= limits.LONGEST_RETRY_AFTER else None
    ceiling = min(limits.BACKOFF_CAP, limits.BACKOFF_BASE * 2 ** (attempts - 1))
    return random.uniform(0, ceiling)  # noqa: S311


def _send(target: Endpoint, *, body: bytes, request_id: str) -> HTTPResponse:
    for _ in range(_STALE_IN_A_ROW):
        try:
            return target.request(
                "POST",
                PATH,
                body=body,
                headers={"X-Request-ID": request_id},
                timeout=Timeout(
                    connect=settings.UPSTREAM_CONNECT_TIMEOUT,
                    read=settings.UPSTREAM_FIRST_BYTE_TIMEOUT,
                ),
            )
        except ProtocolError as error:
            if not isinstance(error.args[-1], Stale):
                raise _failure_of(error) from error
        except HTTPError as error:
            raise _failure_of(error) from error
    raise UpstreamDisconnected(retryable=True)


def _refuse(response: HTTPResponse) -> None:
    """Raises what a response other than a plain 200 means, and is done with it."""
    if response.status != HTTPStatus.OK:
        try:
            body = response.read(limits.MAX_ERROR_BYTES)
        except HTTPError:
            body = b""
        response.close()
        response.release_conn()
        raise refusals.from_response(status=response.status, headers=response.headers, body=body)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        response.close()
        raise UpstreamMalformed(upstream_status=response.status)


def _failure_of(error: HTTPError) -> UpstreamFailed:
    cause = error.original_error if isinstance(error, ProxyError) else error
    if isinstance(cause, (ConnectTimeoutError, ReadTimeoutError, TimeoutError)):
        return UpstreamTimeout()
    if isinstance(cause, NewConnectionError):
        return UpstreamUnreachable(retryable=True)
    if isinstance(cause, ProtocolError):
        if isinstance(cause.args[-1], ConnectionError):
            return UpstreamDisconnected(retryable=True)
        return UpstreamMalformed()
    return UpstreamUnreachable()
