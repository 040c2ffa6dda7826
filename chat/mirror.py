"""Live texts across processes, through Redis: what this process writes is mirrored there, and what
others write is followed from there. Without REDIS_URL there is one process, and nothing of this.

A text is a Redis stream. An entry's id is the number of characters up to its end (see
`chat.streams`), so writing an entry twice changes nothing and resuming needs no numbering. Redis
is never the truth: whoever misses something there reads the database.
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
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from chat.streams import STOP, Live, registry

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
RETRY_SECONDS = 1.0
BLOCK_MILLISECONDS = 100
MOST_ENTRIES = 4096
KEPT_WHILE_WRITTEN = 3600
KEPT_AFTER_ITS_END = 120
_PREFIX = "daesa:stream:"
_CONTROL = "daesa:stop"
_MOST_STOPS = 1000


class Gap(Exception):  # noqa: N818
    """Redis does not have all of a text."""


@dataclass(slots=True)
class Tail:
    """A text of another process, as far as it has come here. `last` is the id of its last entry."""

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


class Mirror:
    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._dirty: dict[UUID, Live] = {}
        self._wake = threading.Event()
        self._tails: dict[UUID, Tail] = {}
        self._is_away = False

    def start(self) -> None:
        """Mirror every text of this process from now on, and hear what others ask to be stopped."""
        registry.changed = self.touch
        for work in (self._write_on, self._read_on):
            threading.Thread(target=work, daemon=True).start()

    # --- What this process writes ---------------------------------------------------------------

    def touch(self, live: Live) -> None:
        if live.stream_id:
            self._dirty[live.stream_id] = live
            self._wake.set()

    def _write_on(self) -> None:
        while True:
            self._wake.wait()
            time.sleep(FLUSH_SECONDS)
            self._wake.clear()
            if not self.flush():
                time.sleep(RETRY_SECONDS)
                self._wake.set()

    def flush(self) -> bool:
        """Write all that is new, in one round trip. False: Redis did not take it (for now)."""
        with self._flushing:
            batch, self._dirty = self._dirty, {}
            if not batch:
                return True
            try:
                lengths = self._write(list(batch.values()))
            except RedisError as error:
                self._away(error)
                # What Redis has after this is unknown, so the texts go there whole.
                for live in [*registry.all(), *batch.values()]:
                    live.mirrored = 0
                self._dirty = {**batch, **self._dirty}
                return False
            for live, length in zip(batch.values(), lengths, strict=True):
                live.mirrored = length
            self._back()
            return True

    def _write(self, lives: list[Live]) -> list[int]:
        """Send the news of each text; returns up to which character each has been sent."""
        pipe = self._redis.pipeline(transaction=False)
        lengths = [self._add(pipe, live) for live in lives]
        for result in pipe.execute(raise_on_error=False):
            # An id that is there already: an earlier attempt had arrived after all.
            if isinstance(result, ResponseError) and "equal or smaller" not in str(result):
                raise result
            if isinstance(result, RedisError) and not isinstance(result, ResponseError):
                raise result
        return lengths

    def _add(self, pipe: Any, live: Live) -> int:
        ended, start = live.ended, live.mirrored  # the end first: no text comes after it
        text, key = live.since(start), f"{_PREFIX}{live.stream_id}"
        length = start + len(text)
        if text:
            entry = {"at": start, "text": text}
            pipe.xadd(key, entry, id=f"{length}-0", maxlen=MOST_ENTRIES, approximate=True)
        if ended:
            pipe.xadd(key, {"end": 1}, id=f"{length + 1}-0")
        if ended or start == 0:
            pipe.expire(key, KEPT_AFTER_ITS_END if ended else KEPT_WHILE_WRITTEN)
        return length

    # --- What others write ----------------------------------------------------------------------

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
            self._away(error)
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

    def _read_on(self) -> None:
        stops = "$"
        while True:
            try:
                stops = self._read_once(stops)
            except RedisError as error:
                self._away(error)
                self._lose_all()
                time.sleep(RETRY_SECONDS)

    def _read_once(self, stops: str) -> str:
        """Read what is new of the followed texts and of the requests to stop, from `stops` on."""
        keys: dict[Any, Any] = {_CONTROL: stops}
        tails = {f"{_PREFIX}{key}".encode(): (key, tail) for key, tail in list(self._tails.items())}
        keys |= {name: tail.last for name, (_, tail) in tails.items() if not tail.live.ended}
        if stops == "$":  # nothing may get lost between two reads
            stops = keys[_CONTROL] = self._last_stop()
        response: Any = self._redis.xread(keys, block=BLOCK_MILLISECONDS)
        for name, entries in _pairs(response):
            if name == _CONTROL.encode():
                stops = self._stop(entries)
            elif name in tails:
                self._take(*tails[name], entries)
        self._back()
        return stops

    def _take(self, stream_id: UUID, tail: Tail, entries: Any) -> None:
        try:
            tail.take(entries)
        except Gap:
            self._lose(stream_id, tail)

    def _lose(self, stream_id: UUID, tail: Tail) -> None:
        """End the readers' following; they go on from the database."""
        with self._lock:
            if self._tails.get(stream_id) is tail:
                del self._tails[stream_id]
        tail.live.end()

    def _lose_all(self) -> None:
        for stream_id, tail in list(self._tails.items()):
            self._lose(stream_id, tail)

    def text_of(self, stream_id: UUID) -> str:
        """What Redis has of a text from its beginning on; for one whose writer has died."""
        tail = Tail(Live(stream_id))
        with contextlib.suppress(RedisError, Gap):
            entries: Any = self._redis.xrange(f"{_PREFIX}{stream_id}")
            tail.take(entries)
        return tail.live.text()

    # --- Stopping ---------------------------------------------------------------------------------

    def ask_to_stop(self, stream_id: UUID) -> None:
        """Tell whoever writes this text. Where Redis is away, the next heartbeat tells it."""
        try:
            self._redis.xadd(_CONTROL, {"stream": str(stream_id)}, maxlen=_MOST_STOPS)
        except RedisError as error:
            self._away(error)

    def _last_stop(self) -> str:
        newest: Any = self._redis.xrevrange(_CONTROL, count=1)
        return newest[0][0].decode() if newest else "0-0"

    def _stop(self, entries: Any) -> str:
        for _, fields in entries:
            if live := registry.get(UUID(fields[b"stream"].decode())):
                live.cut_short(STOP)
        return str(entries[-1][0].decode())

    # --- Its state --------------------------------------------------------------------------------

    def _away(self, error: RedisError) -> None:
        if not self._is_away:
            self._is_away = True
            logger.warning("redis away: %s", type(error).__name__)

    def _back(self) -> None:
        if self._is_away:
            self._is_away = False
            logger.info("redis is back")


def _pairs(response: Any) -> Any:
    """XREAD's answer as pairs of key and entries, in either version of the protocol."""
    return response.items() if isinstance(response, dict) else response or ()


mirror: Mirror | None = Mirror(settings.REDIS_URL) if settings.REDIS_URL else None
