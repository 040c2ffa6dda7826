"""Asking the upstream for vectors: one request, no retry, within so many seconds in all. It has a
breaker of its own: a model that cannot embed says nothing of one that answers.
"""

import time
from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import Timeout

from chat.upstream import client, endpoint, limits
from chat.upstream.breaker import Breaker
from chat.upstream.call import Call
from chat.upstream.errors import (
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnavailable,
    UpstreamUnreachable,
)
from chat.upstream.line import Line

PATH = "/embeddings"
breaker = Breaker()


def embed(texts: Sequence[str], *, seconds: float) -> list[list[float]]:
    """The vectors of the texts by EMBEDDING_MODEL, in their order. Raises an UpstreamFailed."""
    target = endpoint.current()
    if not target.base_url:
        raise UpstreamUnreachable
    if wait := breaker.admit():
        raise UpstreamUnavailable(wait=wait)
    call = Call(model=settings.EMBEDDING_MODEL, breaker=breaker)
    call.attempts = 1
    try:
        found = _ask(target, texts, seconds=seconds, call=call)
    except UpstreamFailed as failure:
        call.fail(failure)
        raise
    call.came_alive()
    call.end()
    return found


def _ask(
    target: endpoint.Endpoint, texts: Sequence[str], *, seconds: float, call: Call
) -> list[list[float]]:
    body = orjson.dumps({"model": settings.EMBEDDING_MODEL, "input": list(texts)})
    end, line = time.monotonic() + seconds, Line()
    timeout = Timeout(connect=min(seconds, settings.UPSTREAM_CONNECT_TIMEOUT), read=seconds)
    response = client.send(target, PATH, body=body, headers={}, line=line, timeout=timeout)
    call.status = response.status
    client.refuse(response, line)
    try:
        whole = _body(response, end)
    except UpstreamFailed:
        client.hand_back(response, line)
        raise
    line.leave()
    response.release_conn()
    return _vectors(whole, len(texts))


def _body(response: HTTPResponse, end: float) -> bytes:
    parts, length = [], 0
    try:
        for part in response.stream(limits.READ_BYTES):
            parts.append(part)
            length += len(part)
            if length > limits.MAX_BODY_BYTES:
                raise UpstreamMalformed
            if time.monotonic() > end:
                raise UpstreamTimeout
    except HTTPError as error:
        raise client.failure_of(error) from error
    return b"".join(parts)


def _vectors(body: bytes, count: int) -> list[list[float]]:
    """Of `{"data": [{"index": 0, "embedding": [...]}, ...]}`, all of one length."""
    try:
        rows: Any = sorted(orjson.loads(body)["data"], key=lambda row: row["index"])
        found = [[float(number) for number in row["embedding"]] for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise UpstreamMalformed from error
    if len(found) != count or len({len(vector) for vector in found}) != 1 or not found[0]:
        raise UpstreamMalformed
    return found
