"""Asking an upstream for vectors: one request, no retry, with a limit on the total time."""

import time
from collections.abc import Sequence
from typing import Any

import orjson
from urllib3.util import Timeout

from chat.upstream.call_log import CallLog
from chat.upstream.cancellation import CancelHandle
from chat.upstream.errors import UpstreamDisconnected, UpstreamMalformed, UpstreamTimeout
from chat.upstream.http_session import HTTPSession, raise_for_status
from chat.upstream.options import ClientOptions
from chat.upstream.response_body import ProtocolViolation, ResponseBody

PATH = "/embeddings"
_MAX_BYTES_PER_TEXT = 512 * 1024  # enough for the dimensions of any model


def embed(  # noqa: PLR0913 - each is a choice of its own
    http: HTTPSession,
    texts: Sequence[str],
    *,
    model: str,
    seconds: float,
    options: ClientOptions,
    log: CallLog,
) -> list[list[float]]:
    """The vectors of the texts by this model, in their order. Raises an UpstreamFailed."""
    end, cancel = time.monotonic() + seconds, CancelHandle()
    log.attempts = 1
    response = http.post(
        PATH,
        body=orjson.dumps({"model": model, "input": list(texts)}),
        headers={},
        timeout=Timeout(connect=min(seconds, options.connect_timeout), read=seconds),
        cancel=cancel,
    )
    log.status = response.status
    raise_for_status(response, cancel)
    body = ResponseBody(response, max_bytes=options.max_body_bytes)
    try:
        received = _read(body, end, max_bytes=_MAX_BYTES_PER_TEXT * len(texts))
    finally:
        cancel.detach()
        body.close()
    return _vectors(received, len(texts))


def _read(body: ResponseBody, end: float, *, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    length = 0
    try:
        while part := body.read():
            parts.append(part)
            length += len(part)
            if length > max_bytes:
                raise UpstreamMalformed
            if (seconds := end - time.monotonic()) <= 0:
                raise UpstreamTimeout
            body.set_timeout(seconds)
    except TimeoutError:
        raise UpstreamTimeout from None
    except OSError:
        raise UpstreamDisconnected from None
    except ProtocolViolation:
        raise UpstreamMalformed from None
    if body.is_truncated:
        raise UpstreamDisconnected
    return b"".join(parts)


def _vectors(received: bytes, count: int) -> list[list[float]]:
    """From `{"data": [{"index": 0, "embedding": [...]}, ...]}`; all must have one length."""
    try:
        rows: Any = sorted(orjson.loads(received)["data"], key=lambda row: row["index"])
        vectors = [[float(number) for number in row["embedding"]] for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise UpstreamMalformed from error
    if len(vectors) != count or len({len(one) for one in vectors}) != 1 or not vectors[0]:
        raise UpstreamMalformed
    return vectors
