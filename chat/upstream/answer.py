"""An answer while it arrives: text for the asker, and at its end what the upstream says about it."""

import threading
from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings

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
from chat.upstream.sse import Events

_LARGEST_COUNT = 2**31 - 1


class Answer:
    """Iterate it once for the text; a piece is all that was there to read. `finish_reason` and the
    token counts are known after the end.

    Iterating raises an UpstreamFailed, after the pieces that came before the failure. `close()`
    ends the upstream's connection at once and may be called from any thread; the iteration then
    ends quietly, with `stopped` set.
    """

    def __init__(self, *, body: Body, call: Call, is_json: bool) -> None:
        self.model = call.model
        self.finish_reason = ""
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None
        self.stopped = False
        self._body = body
        self._call = call
        self._is_json = is_json
        self._is_done = False
        self._length = 0
        self._is_blank = True
        self._is_silent = True
        self._lock = threading.Lock()  # against closing a connection that the pool has again
        self._is_read = False
        self._is_released = False

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            if self._is_read or self._is_released:
                return
            self._is_read = True
        try:
            yield from self._read_whole() if self._is_json else self._read_stream()
            if not self.stopped:
                self._judge()
        except UpstreamFailed as failure:
            self._call.fail(failure)
            raise
        finally:
            self._release()

    def close(self) -> None:
        with self._lock:
            if self._is_released:
                return
            self.stopped = True
            self._body.abort()
            is_read = self._is_read
        if not is_read:
            self._release()

    def _release(self) -> None:
        with self._lock:
            if self._is_released:
                return
            self._is_released = True
        is_finished = self._is_done or bool(self.finish_reason)
        if self._is_done and not self.stopped:
            self._drain()
        self._body.close()
        self._call.end("ok" if is_finished and not self.stopped else "stopped")

    def _drain(self) -> None:
        """Reads the end of the body, so that the connection serves again."""
        try:
            self._body.set_timeout(limits.TAIL_TIMEOUT)
            while self._body.read():
                pass
        except (OSError, Garbled):
            pass

    def _read_stream(self) -> Iterator[str]:
        events = Events()
        ended = False
        self._body.set_timeout(settings.UPSTREAM_FIRST_BYTE_TIMEOUT)
        while not (self._is_done or ended):
            texts: list[str] = []
            failure = None
            try:
                received = self._receive()
                ended = not received
                self._take_all(events.feed(received) if received else events.end(), texts)
            except Garbled:
                failure = UpstreamMalformed()
            except UpstreamFailed as known:
                # Only an event that the server cut off counts as cut off.
                failure = UpstreamDisconnected() if ended else known
            if piece := self._join(texts):
                yield piece
            if self._length > limits.MAX_TEXT:
                failure = UpstreamMalformed()
            if failure:
                raise failure

    def _take_all(self, payloads: list[bytes], texts: list[str]) -> None:
        for payload in payloads:
            self._take(payload, texts)

    def _take(self, payload: bytes, texts: list[str]) -> None:
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
            self._body.set_timeout(min(limits.USAGE_TIMEOUT, settings.UPSTREAM_CHUNK_TIMEOUT))

    def _read_whole(self) -> Iterator[str]:
        self._body.set_timeout(settings.UPSTREAM_FIRST_BYTE_TIMEOUT)
        received = bytearray()
        while part := self._receive():
            received += part
            if len(received) > limits.MAX_EVENT_BYTES:
                raise UpstreamMalformed
        if self.stopped:
            return
        if self._body.is_cut:
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

    def _receive(self) -> bytes:
        """What is there; b"" at the end, be it good or bad, where nothing more is needed."""
        try:
            received = self._body.read()
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
            self._body.set_timeout(settings.UPSTREAM_CHUNK_TIMEOUT)
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
            raise UpstreamDisconnected
        if self._is_blank:
            raise UpstreamEmpty


def _failure_of(error: Exception) -> UpstreamFailed:
    return UpstreamTimeout() if isinstance(error, TimeoutError) else UpstreamDisconnected()


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _LARGEST_COUNT else None
