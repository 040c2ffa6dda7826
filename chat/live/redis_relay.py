"""Live texts across processes, through Redis: what this process writes is copied there, and what
other processes write is followed from there. Without REDIS_URL one process serves all.

A text is a Redis stream. An entry's id is the number of characters up to its end, so writing an
entry twice changes nothing, and a reader resumes by its offset. The database stays the truth: a
reader that misses something in Redis reads the row.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from redis.exceptions import RedisError, ResponseError

from chat.live.readers import dismiss_readers
from chat.live.registry import Registry, registry
from chat.live.streams import STOP, Live
from config import redis_url

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
RETRY_SECONDS = 1.0
BLOCK_MILLISECONDS = 100
MAX_ENTRIES = 4096
EXPIRY_WHILE_WRITTEN = 3600  # seconds
EXPIRY_AFTER_END = 120
_PREFIX = "daesa:stream:"
_CONTROL = "daesa:stop"
_MAX_REQUESTS = 1000
# An entry of the control stream names a text. One about a user names this one, for processes that
# still run the release before such entries.
_NO_TEXT = str(UUID(int=0))
ANSWERS, READERS = "answers", "readers"  # what of a user's is to end


class Gap(Exception):  # noqa: N818
    """Redis does not have all of a text."""


@dataclass(slots=True)
class Tail:
    """A text of another process as far as it has been read. `last` is the id of its last entry."""

    live: Live
    last: str = "0-0"
    readers: int = 0

    def take(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """Append what is new in the entries. Raises `Gap`."""
        for entry_id, fields in entries:
            self.last = entry_id.decode()
            if b"end" in fields:
                self.live.end()
                return
            start, text = int(fields[b"at"]), fields[b"text"].decode()
            if start > self.live.length:
                raise Gap
            if news := text[self.live.length - start :]:
                self.live.append(news)


class RedisRelay:
    """Copies the texts of `texts` to Redis, and follows those of other processes."""

    def __init__(self, url: str, texts: Registry = registry) -> None:
        self._texts = texts
        self._redis = redis_url.client(url, socket_timeout=5, socket_connect_timeout=2)
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._dirty: dict[UUID, Live] = {}
        self._wake = threading.Event()
        self._tails: dict[UUID, Tail] = {}
        self._is_away = False

    def start(self) -> None:
        """From now on copy every text of this process, and serve the requests of other processes
        to stop answers.
        """
        self._texts.on_change = self.touch
        for loop in (self._write_loop, self._read_loop):
            threading.Thread(target=loop, daemon=True).start()

    # --- Texts of this process ------------------------------------------------------------------

    def touch(self, live: Live) -> None:
        """Have the next flush write what is new in this text."""
        if live.stream_id:
            self._dirty[live.stream_id] = live
            self._wake.set()

    def _write_loop(self) -> None:
        while True:
            self._wake.wait()
            time.sleep(FLUSH_SECONDS)
            self._wake.clear()
            if not self.flush():
                time.sleep(RETRY_SECONDS)
                self._wake.set()

    def flush(self) -> bool:
        """Write all that is new, in one round trip. False: Redis failed, the next flush retries."""
        with self._flushing:
            batch, self._dirty = self._dirty, {}
            if not batch:
                return True
            try:
                lengths = self._write(list(batch.values()))
            except RedisError as error:
                self._log_failure(error)
                # What Redis holds after a failure is unknown, so the texts are sent whole again.
                for live in [*self._texts.all(), *batch.values()]:
                    live.relayed = 0
                self._dirty = {**batch, **self._dirty}
                return False
            for live, length in zip(batch.values(), lengths, strict=True):
                live.relayed = length
            self._log_recovery()
            return True

    def _write(self, lives: list[Live]) -> list[int]:
        """Send what is new in each text; returns the length up to which each has been sent."""
        pipe = self._redis.pipeline(transaction=False)
        lengths = [self._add(pipe, live) for live in lives]
        for result in pipe.execute(raise_on_error=False):
            # "equal or smaller": the id exists, since an earlier attempt arrived after all.
            if isinstance(result, ResponseError) and "equal or smaller" not in str(result):
                raise result
            if isinstance(result, RedisError) and not isinstance(result, ResponseError):
                raise result
        return lengths

    def _add(self, pipe: Any, live: Live) -> int:
        ended, start = live.ended, live.relayed  # read `ended` first: no text comes after it
        text, key = live.since(start), f"{_PREFIX}{live.stream_id}"
        length = start + len(text)
        if text:
            entry = {"at": start, "text": text}
            pipe.xadd(key, entry, id=f"{length}-0", maxlen=MAX_ENTRIES, approximate=True)
        if ended:
            pipe.xadd(key, {"end": 1}, id=f"{length + 1}-0")
        if ended or start == 0:
            pipe.expire(key, EXPIRY_AFTER_END if ended else EXPIRY_WHILE_WRITTEN)
        return length

    # --- Texts of other processes ---------------------------------------------------------------

    @contextlib.contextmanager
    def follow(self, stream_id: UUID) -> Iterator[Live | None]:
        """The text of another process while it is followed; None when Redis cannot give it."""
        tail = self._attach(stream_id)
        try:
            yield tail.live if tail else None
        finally:
            if tail:
                self._detach(stream_id, tail)

    def _attach(self, stream_id: UUID) -> Tail | None:
        with self._lock:
            tail = self._tails.get(stream_id)
            if tail:
                tail.readers += 1
                return tail
        tail = Tail(Live(stream_id))
        try:
            entries: Any = self._redis.xrange(f"{_PREFIX}{stream_id}")
            tail.take(entries)
        except RedisError as error:
            self._log_failure(error)
            return None
        except Gap:
            return None
        with self._lock:
            tail = self._tails.setdefault(stream_id, tail)
            tail.readers += 1
        return tail

    def _detach(self, stream_id: UUID, tail: Tail) -> None:
        with self._lock:
            tail.readers -= 1
            if tail.readers == 0 and self._tails.get(stream_id) is tail:
                del self._tails[stream_id]

    def _read_loop(self) -> None:
        last_request = "$"
        while True:
            try:
                last_request = self._read_once(last_request)
            except RedisError as error:
                self._log_failure(error)
                self._drop_all()
                time.sleep(RETRY_SECONDS)

    def _read_once(self, last_request: str) -> str:
        """Read the followed texts and the control stream from `last_request` on; returns the id of
        the last request served.
        """
        keys: dict[Any, Any] = {_CONTROL: last_request}
        tails = {f"{_PREFIX}{key}".encode(): (key, tail) for key, tail in list(self._tails.items())}
        keys |= {name: tail.last for name, (_, tail) in tails.items() if not tail.live.ended}
        if last_request == "$":  # which would miss what arrives between two reads
            last_request = keys[_CONTROL] = self._last_request()
        response: Any = self._redis.xread(keys, block=BLOCK_MILLISECONDS)
        for name, entries in _pairs(response):
            if name == _CONTROL.encode():
                last_request = self._serve_requests(entries)
            elif name in tails:
                self._take(*tails[name], entries)
        self._log_recovery()
        return last_request

    def _take(self, stream_id: UUID, tail: Tail, entries: Any) -> None:
        try:
            tail.take(entries)
        except Gap:
            self._drop(stream_id, tail)

    def _drop(self, stream_id: UUID, tail: Tail) -> None:
        """Follow a text no more; its readers continue from the database."""
        with self._lock:
            if self._tails.get(stream_id) is tail:
                del self._tails[stream_id]
        tail.live.end()

    def _drop_all(self) -> None:
        for stream_id, tail in list(self._tails.items()):
            self._drop(stream_id, tail)

    def text_of(self, stream_id: UUID) -> str:
        """What Redis has of a text from its beginning on, for one whose writer has died."""
        tail = Tail(Live(stream_id))
        with contextlib.suppress(RedisError, Gap):
            entries: Any = self._redis.xrange(f"{_PREFIX}{stream_id}")
            tail.take(entries)
        return tail.live.text()

    # --- Requests to other processes ------------------------------------------------------------

    def request_stop(self, stream_id: UUID) -> None:
        """Ask the process that writes this text to stop. If Redis fails, that process finds
        `stop_requested` in the row at its next heartbeat.
        """
        try:
            self._redis.xadd(_CONTROL, {"stream": str(stream_id)}, maxlen=_MAX_REQUESTS)
        except RedisError as error:
            self._log_failure(error)

    def request_end(self, user_id: int, what: str, access_id: str = "") -> None:
        """Ask all processes to end a user's `ANSWERS` or `READERS` (those of one session). If
        Redis fails, the next heartbeat ends the answers.
        """
        try:
            entry: Any = {"stream": _NO_TEXT, "user": user_id, "what": what, "access": access_id}
            self._redis.xadd(_CONTROL, entry, maxlen=_MAX_REQUESTS)
        except RedisError as error:
            self._log_failure(error)

    def _last_request(self) -> str:
        newest: Any = self._redis.xrevrange(_CONTROL, count=1)
        return newest[0][0].decode() if newest else "0-0"

    def _serve_requests(self, entries: Any) -> str:
        for _, fields in entries:
            if b"user" in fields:
                access_id = fields.get(b"access", b"").decode()
                end_here(int(fields[b"user"]), fields[b"what"].decode(), access_id)
            elif live := self._texts.get(UUID(fields[b"stream"].decode())):
                live.cancel(STOP)
        return str(entries[-1][0].decode())

    # --- Logging, once for each outage ----------------------------------------------------------

    def _log_failure(self, error: RedisError) -> None:
        if not self._is_away:
            self._is_away = True
            logger.warning("redis away: %s", type(error).__name__)

    def _log_recovery(self) -> None:
        if self._is_away:
            self._is_away = False
            logger.info("redis is back")


def end_here(user_id: int, what: str, access_id: str = "") -> None:
    """End a user's `ANSWERS` or `READERS` (those of one session) in this process."""
    if what == ANSWERS:
        registry.interrupt(user_id)
    else:
        dismiss_readers(user_id, access_id)


def _pairs(response: Any) -> Any:
    """XREAD's answer as pairs of key and entries, in either version of the protocol."""
    return response.items() if isinstance(response, dict) else response or ()


relay: RedisRelay | None = RedisRelay(settings.REDIS_URL) if settings.REDIS_URL else None
