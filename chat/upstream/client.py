"""Asking the upstream: one request with its bounded retries, up to the response's head."""

import random
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import TypedDict, Unpack

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
from chat.upstream.call import Call
from chat.upstream.endpoint import Endpoint, Stale
from chat.upstream.errors import (
    UpstreamDisconnected,
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnavailable,
    UpstreamUnreachable,
)
from chat.upstream.line import Line

PATH = "/chat/completions"
NO_REQUEST = "-"
_REQUEST_ID_HEADERS = ("X-Request-ID", "X-Client-Request-Id")  # vLLM's name, and OpenAI's
_STALE_IN_A_ROW = 3


class Message(TypedDict):
    role: str
    content: str


class Request(TypedDict):
    body: bytes
    headers: Mapping[str, str]
    timeout: Timeout


def open_answer(
    *,
    model: str,
    messages: Sequence[Message],
    temperature: float,
    max_tokens: int,
    request_id: str = NO_REQUEST,
) -> Answer:
    """The answer to the messages; it is asked for when somebody iterates it, so that `close` can
    end every wait. Whoever has the answer iterates or closes it.
    """
    target = endpoint.current()
    call = Call(model=model, breaker=target.breaker)
    line = Line()
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
    headers = {} if request_id == NO_REQUEST else dict.fromkeys(_REQUEST_ID_HEADERS, request_id)
    ask = partial(_ask, target, body=body, headers=headers, call=call, line=line)
    return Answer(ask=ask, call=call, line=line)


def _ask(
    target: Endpoint, *, body: bytes, headers: Mapping[str, str], call: Call, line: Line
) -> HTTPResponse:
    """The response whose body is the answer. Raises an UpstreamFailed."""
    _pass_breaker(target)
    timeout = Timeout(
        connect=settings.UPSTREAM_CONNECT_TIMEOUT, read=settings.UPSTREAM_FIRST_BYTE_TIMEOUT
    )
    request: Request = {"body": body, "headers": headers, "timeout": timeout}
    while True:
        call.attempts += 1
        try:
            response = send(target, PATH, line=line, **request)
            call.status = response.status
            refuse(response, line)
        except UpstreamFailed as failure:
            wait = _wait_before_retry(failure, attempts=call.attempts)
            if wait is None or line.is_cut_within(wait):
                raise
        else:
            return response


def _pass_breaker(target: Endpoint) -> None:
    if not target.base_url:
        raise UpstreamUnreachable
    if wait := target.breaker.admit():
        raise UpstreamUnavailable(wait=wait)


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


def send(
    target: Endpoint,
    path: str,
    *,
    line: Line,
    **request: Unpack[Request],
) -> HTTPResponse:
    """The response up to its head, whatever it says. Raises an UpstreamFailed."""
    for _ in range(_STALE_IN_A_ROW):
        try:
            with line.in_use():
                return target.request("POST", path, **request)
        except ProtocolError as error:
            if line.is_cut or not isinstance(error.args[-1], Stale):
                raise failure_of(error) from error
        except HTTPError as error:
            raise failure_of(error) from error
        except ValueError:  # of our headers only the key can be no header
            raise UpstreamUnauthorized from None
    raise UpstreamDisconnected(retryable=True)


def refuse(response: HTTPResponse, line: Line) -> None:
    """Raises what a response other than a plain 200 means, and is done with it."""
    if response.status != HTTPStatus.OK:
        try:
            body = response.read(limits.MAX_ERROR_BYTES)
        except HTTPError:
            body = b""
        hand_back(response, line)
        raise refusals.from_response(status=response.status, headers=response.headers, body=body)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        hand_back(response, line)
        raise UpstreamMalformed(upstream_status=response.status)


def hand_back(response: HTTPResponse, line: Line) -> None:
    line.leave()
    response.close()
    response.release_conn()


def failure_of(error: HTTPError) -> UpstreamFailed:
    cause = error.original_error if isinstance(error, ProxyError) else error
    if isinstance(cause, NewConnectionError):  # to urllib3 a kind of ConnectTimeoutError
        return UpstreamUnreachable(retryable=True)
    if isinstance(cause, (ConnectTimeoutError, ReadTimeoutError, TimeoutError)):
        return UpstreamTimeout()
    if isinstance(cause, ProtocolError):
        if isinstance(cause.args[-1], ConnectionError):
            return UpstreamDisconnected(retryable=True)
        return UpstreamMalformed()
    return UpstreamUnreachable()
