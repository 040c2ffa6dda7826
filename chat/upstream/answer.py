"""An answer while it arrives: text for the asker, and at its end what the upstream says of it."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.conf import settings
from urllib3.response import HTTPResponse

from chat.upstream import limits, refusals
from chat.upstream.body import Body, Garbled
from chat.upstream.call import Call
from chat.upstream.errors import (
    UpstreamContentFilter,
    UpstreamDisconnected,
    UpstreamEmpty,
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
)
from chat.upstream.line import Line
from chat.upstream.sse import Events

_LARGEST_COUNT = 2**31 - 1


class Answer:
    """Iterate it once for the text; a piece is all that was there to read. `finish_reason` and the
    token counts are known after the end. `rest` says for how many seconds pieces are gathered.

    Iterating asks, and raises an UpstreamFailed after the pieces that came before the failure.
    `close()` may be called from any thread and ends every wait for the upstream at once; the
    iteration then ends quietly, with `stopped` set.
    """

    def __init__(self, *, ask: Callable[[], HTTPResponse], call: Call, line: Line) -> None:
        self.model = call.model
        self.finish_reason = ""
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None
        self.stopped = False
        self._ask = ask
        self._call = call
        self._line = line
        self.rest: Callable[[], float] = lambda: limits.REST_SECONDS
        self._body: Body | None = None
        self._is_done = False
        self._length = 0
        self._is_blank = True
        self._is_silent = True
        self._has_events = False
        self._lock = threading.Lock()  # against closing a connection that the pool has again
        self._is_read = False
        self._is_released = False

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            if self._is_read or self._is_released:
                return
            self._is_read = True
        try:
            yield from self._read()
        except UpstreamFailed as failure:
            if self.stopped:
                return
            self._call.fail(failure)
            raise
        finally:
            self._release()

    def close(self) -> None:
        with self._lock:
            if self._is_released:
                return
            self.stopped = True
            self._line.cut()
            is_read = self._is_read
        if not is_read:
            self._release()

    def _release(self) -> None:
        with self._lock:
            if self._is_released:
                return
            self._is_released = True
            self._line.leave()
        if self._body:
            if self._is_done and not self.stopped:
                _drain(self._body)
            self._body.close()
        is_finished = self._is_done or bool(self.finish_reason)
        self._call.end("ok" if is_finished and not self.stopped else "stopped")

    def _read(self) -> Iterator[str]:
        response = self._ask()
        del self._ask  # and the request's body with it, for as long as the answer takes
        body = self._body = Body(response)
        body.set_timeout(settings.UPSTREAM_FIRST_BYTE_TIMEOUT)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        yield from self._read_whole(body) if is_json else self._read_stream(body)
        if not self.stopped:
            self._judge()

    def _read_stream(self, body: Body) -> Iterator[str]:
        events = Events()
        ended = False
        while not (self._is_done or ended):
            texts: list[str] = []
            failure: UpstreamFailed | None = None
            try:
                received = self._receive(body)
                ended = not received
                self._take_all(events.feed(received) if received else events.end(), texts)
            except Garbled:
                failure = UpstreamMalformed()
            except UpstreamFailed as known:
                # Only an event that the server cut off counts as cut off.
                failure = UpstreamDisconnected() if ended else known
            if self.finish_reason:
                body.set_timeout(min(limits.USAGE_TIMEOUT, settings.UPSTREAM_CHUNK_TIMEOUT))
            if piece := self._join(texts):
                yield piece
                if not (self.finish_reason or self._is_done or failure or body.has_more()):
                    # Pieces that come closer together than this are read, told and written as one.
                    self._pause()
            if self._length > limits.MAX_TEXT:
                failure = UpstreamMalformed()
            if failure:
                raise failure

    def _pause(self) -> None:
        """A stop must not wait for a long rest; of a short one, the plain sleep costs less."""
        seconds = self.rest()
        if seconds > limits.SHORT_REST_SECONDS:
            self._line.is_cut_within(seconds)
        else:
            time.sleep(seconds)

    def _take_all(self, payloads: list[bytes], texts: list[str]) -> None:
        for payload in payloads:
            self._take(payload, texts)

    def _take(self, payload: bytes, texts: list[str]) -> None:
        self._has_events = True
        if payload == b"[DONE]":
            self._is_done = True
            return
        try:
            chunk = orjson.loads(payload)
            if chunk.get("error"):
                raise refusals.from_event(chunk["error"])
            self._take_choice(chunk, "delta", texts)
        except (ValueError, TypeError, AttributeError, LookupError):
            raise UpstreamMalformed from None

    def _take_choice(self, chunk: dict[str, Any], name: str, texts: list[str]) -> None:
        if usage := chunk.get("usage"):
            self.prompt_tokens = _count(usage.get("prompt_tokens"))
            self.completion_tokens = _count(usage.get("completion_tokens"))
        if not (choices := chunk.get("choices")):
            return
        message = choices[0].get(name)
        if message and (text := message.get("content") or message.get("refusal")):
            texts.append(text + "")  # a TypeError for anything else than text
        if reason := choices[0].get("finish_reason"):
            self.finish_reason = str(reason)[:30]

    def _read_whole(self, body: Body) -> Iterator[str]:
        received = bytearray()
        while part := self._receive(body):
            received += part
            if len(received) > limits.MAX_EVENT_BYTES:
                raise UpstreamMalformed
        if self.stopped:
            return
        if body.is_cut:
            raise UpstreamDisconnected
        texts: list[str] = []
        try:
            chunk = orjson.loads(received)
            if chunk.get("error"):
                raise refusals.from_event(chunk["error"])
            self._take_choice(chunk, "message", texts)
            self._is_done = bool(chunk["choices"])
        except (ValueError, TypeError, AttributeError, LookupError):
            raise UpstreamMalformed from None
        if piece := self._join(texts):
            yield piece

    def _receive(self, body: Body) -> bytes:
        """What is there; b"" at the end, be it good or bad, where nothing more is needed."""
        try:
            received = body.read()
        except Garbled:
            raise UpstreamMalformed from None
        except (OSError, ValueError) as error:
            if self.stopped or self.finish_reason:
                return b""
            raise _failure_of(error) from None
        if self.stopped:
            return b""
        if received and self._is_silent:
            self._is_silent = False
            self._call.came_alive()
            body.set_timeout(settings.UPSTREAM_CHUNK_TIMEOUT)
        return received

    def _join(self, texts: list[str]) -> str:
        # PostgreSQL stores no NUL, and none is text.
        piece = "".join(texts).replace("\0", "")
        self._length += len(piece)
        if self._is_blank and piece.strip():
            self._is_blank = False
        return piece

    def _judge(self) -> None:
        if self.finish_reason == "content_filter":
            raise UpstreamContentFilter
        if not (self._is_done or self.finish_reason):
            raise UpstreamDisconnected if self._has_events else UpstreamMalformed
        if self._is_blank:
            raise UpstreamEmpty


def _drain(body: Body) -> None:
    """Reads the end of the body, so that the connection serves again."""
    try:
        body.set_timeout(limits.TAIL_TIMEOUT)
        while body.read():
            pass
    except (OSError, Garbled):
        pass


def _failure_of(error: Exception) -> UpstreamFailed:
    return UpstreamTimeout() if isinstance(error, TimeoutError) else UpstreamDisconnected()


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _LARGEST_COUNT else None
