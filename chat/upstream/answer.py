"""An answer while it arrives: its text, and at its end the token counts and the finish reason."""

import threading
import time
from collections.abc import Callable, Iterator

from urllib3.response import HTTPResponse

from chat.upstream import error_mapping
from chat.upstream.call_log import CallLog
from chat.upstream.cancellation import CancelHandle
from chat.upstream.completion import CompletionDecoder
from chat.upstream.errors import (
    UpstreamContentFilter,
    UpstreamDisconnected,
    UpstreamEmpty,
    UpstreamFailed,
    UpstreamMalformed,
    UpstreamTimeout,
)
from chat.upstream.finish_reasons import CONTENT_FILTER
from chat.upstream.options import ClientOptions
from chat.upstream.response_body import ProtocolViolation, ResponseBody
from config.budget import Budget

_SHORT_PAUSE = 0.25  # seconds that a stop may wait for a pause


class Answer:
    """Iterate it once for the text; each piece is everything that had arrived.

    Iterating sends the request, and raises an UpstreamFailed after the pieces that came before the
    failure. `finish_reason` and the token counts are known at the end.
    `close()` may be called from any thread and ends every wait for the upstream at once; the
    iteration then ends without an error, with `stopped` set.
    `on_reasoning` is called with each part of the model's reasoning, which is no part of the text.
    `coalesce_seconds` returns how long to wait after a piece, so that the following ones are read
    together.
    """

    def __init__(
        self,
        *,
        send: Callable[[], HTTPResponse],
        log: CallLog,
        cancel: CancelHandle,
        options: ClientOptions,
    ) -> None:
        self.model = log.model
        self.stopped = False
        self.on_reasoning: Callable[[str], None] = lambda _text: None
        self.coalesce_seconds: Callable[[], float] = lambda: options.coalesce_seconds
        self._send = send
        self._log = log
        self._cancel = cancel
        self._options = options
        self._decoder = CompletionDecoder(options)
        self._body: ResponseBody | None = None
        self._broken: UpstreamFailed | None = None  # how the connection failed
        self._length = 0
        self._is_blank = True
        self._is_silent = True
        self._timeout = 0.0  # of the body
        # Keeps `close` from cancelling a connection that is already back in the pool.
        self._lock = threading.Lock()
        self._is_read = False
        self._is_released = False

    @property
    def finish_reason(self) -> str:
        return self._decoder.ending.reason

    @property
    def prompt_tokens(self) -> int | None:
        return self._decoder.prompt_tokens

    @property
    def completion_tokens(self) -> int | None:
        return self._decoder.completion_tokens

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
            self._log.fail(failure)
            raise
        finally:
            self._release()

    def close(self) -> None:
        with self._lock:
            if self._is_released:
                return
            self.stopped = True
            self._cancel.cancel()
            is_read = self._is_read
        if not is_read:
            self._release()

    def _release(self) -> None:
        with self._lock:
            if self._is_released:
                return
            self._is_released = True
            self._cancel.detach()
        if self._body:
            if self._decoder.is_done and not self.stopped:
                self._drain(self._body)
            self._body.close()
        is_finished = self._decoder.is_done or bool(self.finish_reason)
        self._log.end("ok" if is_finished and not self.stopped else "stopped")

    def _drain(self, body: ResponseBody) -> None:
        """Reads the end of the body, so that the connection can be reused."""
        try:
            body.set_timeout(self._options.tail_timeout)
            while body.read():
                pass
        except (OSError, ProtocolViolation):
            pass

    def _read(self) -> Iterator[str]:
        response = self._send()
        del self._send  # frees the request's body while the answer arrives
        body = self._body = ResponseBody(response, max_bytes=self._options.max_body_bytes)
        decoder, budget = self._decoder, Budget()
        has_ended = False
        while not (has_ended or decoder.is_done or decoder.failure):
            received = self._receive(body)
            has_ended = not received
            piece = self._count(decoder.feed(received) if received else "")
            if reasoning := decoder.take_reasoning():
                self.on_reasoning(reasoning)
            if piece:
                yield piece
            if self._may_pause(body):
                self._pause()
            # Lets other greenlets run: a loop that always finds bytes never waits.
            budget.give_way()
        if self.stopped:
            return
        rest = self._count(decoder.end())
        if reasoning := decoder.take_reasoning():
            self.on_reasoning(reasoning)
        if rest:
            yield rest
        self._check_outcome()

    def _receive(self, body: ResponseBody) -> bytes:
        """What has arrived; b"" at the end, after a failure of the connection, and when nothing
        more is needed.
        """
        self._set_timeout(body)
        try:
            received = body.read()
        except TimeoutError:
            self._broken = UpstreamTimeout()
        except (OSError, ValueError):
            self._broken = UpstreamDisconnected()
        except ProtocolViolation:
            self._broken = UpstreamMalformed()
        else:
            if received and not self.stopped:
                if self._is_silent:
                    self._is_silent = False
                    self._log.mark_alive()
                return received
            if body.is_truncated:
                self._broken = UpstreamDisconnected()
        return b""

    def _set_timeout(self, body: ResponseBody) -> None:
        options = self._options
        seconds = options.first_byte_timeout if self._is_silent else options.chunk_timeout
        if self._decoder.ending.is_settled:
            seconds = min(options.usage_timeout, options.chunk_timeout)
        if seconds != self._timeout:
            self._timeout = seconds
            body.set_timeout(seconds)

    def _count(self, piece: str) -> str:
        self._length += len(piece)
        if self._length > self._options.max_text_length:
            self._decoder.failure = self._decoder.failure or UpstreamMalformed()
        if self._is_blank and piece.strip():
            self._is_blank = False
        return piece

    def _may_pause(self, body: ResponseBody) -> bool:
        decoder = self._decoder
        is_over = decoder.is_done or decoder.ending.is_settled or decoder.failure
        return decoder.has_news and not is_over and not body.has_more()

    def _pause(self) -> None:
        """Waits, so that the following pieces are read, sent and stored as one. Plain sleep is
        cheaper, but a stop must not wait for a long one.
        """
        seconds = self.coalesce_seconds()
        if seconds > _SHORT_PAUSE:
            self._cancel.wait(seconds)
        else:
            time.sleep(seconds)

    def _check_outcome(self) -> None:
        """Raises the failure of an answer that is not whole (the rules are in ADR 0026)."""
        decoder, ending = self._decoder, self._decoder.ending
        is_over = decoder.is_done or ending.is_settled
        if failure := (None if is_over else self._broken) or decoder.failure:
            raise failure
        if ending.reason == CONTENT_FILTER:
            raise UpstreamContentFilter
        if ending.is_unknown:
            raise UpstreamFailed(upstream_status=self._log.status)
        if decoder.unknown and not ending.is_whole:
            raise error_mapping.from_event(decoder.unknown)
        if not (decoder.is_done or ending.is_whole):
            raise UpstreamDisconnected if decoder.has_events else UpstreamMalformed
        if self._is_blank:
            raise UpstreamEmpty(has_worked=decoder.has_worked)
