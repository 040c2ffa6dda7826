"""The text of an answer while it is being written, and its readers.

An event's id is the number of characters that a reader has after it. So whoever resumes says how
much it has, and gets the rest, from wherever the text is at that moment: here in the process that
writes it, or in the database after its end. There is no numbering to keep in step, and a reader
that fell behind gets all it lacks in one event.

Event ids: START 0; CHUNK the length so far; END and ERROR the whole length + 1.
"""

import threading
from collections.abc import Callable, Generator, Iterator
from uuid import UUID

import orjson

KEEPALIVE_SECONDS = 15.0
LARGEST_CHUNK = 64 * 1024  # characters in one event: what a slow reader can hold at most
# Seconds; at the most a text still comes faster than it is read.
LEAST_GATHERING, MOST_GATHERING, GATHERING_PER_ANSWER = 0.05, 0.8, 0.0004
KEEPALIVE = b": keep-alive\n\n"

# Why a text is cut short (`Live.cut`).
STOP = "stop"  # its reader asked for it
INTERRUPT = "interrupt"  # this process is about to leave
DISOWN = "disown"  # its row was ended or deleted by somebody else


class Live:
    """One growing text. A single writer appends; any number of readers follow."""

    def __init__(
        self,
        stream_id: UUID | None = None,
        *,
        reply_id: int = 0,
        changed: Callable[["Live"], None] | None = None,
    ) -> None:
        self.stream_id = stream_id
        self.reply_id = reply_id
        self._tell = changed
        self._parts: list[str] = []
        self._changed = threading.Condition()
        self._closer: Callable[[], None] | None = None
        self.length = 0
        self.ended = False
        self.cut = ""
        self.saved = 0  # characters that the database has, kept by `chat.pulse`
        self.mirrored = 0  # characters that Redis has, kept by `chat.mirror`

    def append(self, text: str) -> None:
        with self._changed:
            self._parts.append(text)
            self.length += len(text)
            self._changed.notify_all()
        if self._tell:
            self._tell(self)

    def text(self) -> str:
        """All that was written so far."""
        with self._changed:
            if len(self._parts) > 1:
                self._parts = ["".join(self._parts)]
            return self._parts[0] if self._parts else ""

    def end(self) -> None:
        """No more text will come; its outcome is in the database."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()
        if self._tell:
            self._tell(self)

    def on_cut(self, closer: Callable[[], None]) -> None:
        """What ends the writer's wait for the upstream at once when the text is cut."""
        with self._changed:
            self._closer = closer
            is_cut = self.cut
        if is_cut:
            closer()

    def cut_short(self, why: str) -> None:
        """Have the writer stop where it is. The first reason counts."""
        with self._changed:
            self.cut = self.cut or why
            closer = self._closer
        if closer:
            closer()

    def wait_for_end(self, timeout: float | None = None) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.ended, timeout)

    def follow(self, after: int, *, patience: float = KEEPALIVE_SECONDS) -> Iterator[str]:
        """Yield what comes after the first `after` characters until the end; "" when there was
        nothing new for `patience` seconds.
        """
        while True:
            with self._changed:
                if not (self.ended or self.length > after):
                    self._changed.wait(patience)
                ended, news = self.ended, self.since(after)[:LARGEST_CHUNK]
            after += len(news)
            if news or not ended:
                yield news
            if ended and after >= self.length:
                return

    def since(self, after: int) -> str:
        """What comes after the first `after` characters, as far as it has been written."""
        missing, found = self.length - after, []
        for part in reversed(self._parts):
            if missing <= 0:
                break
            found.append(part[-missing:] if missing < len(part) else part)
            missing -= len(part)
        return "".join(reversed(found))


class Registry:
    """The answers that this process is writing, by stream id. `changed` hears of every change."""

    def __init__(self) -> None:
        self._live: dict[UUID, Live] = {}
        self.changed: Callable[[Live], None] | None = None

    def open(self, stream_id: UUID, *, reply_id: int = 0) -> Live:
        live = Live(stream_id, reply_id=reply_id, changed=self.changed)
        self._live[stream_id] = live
        return live

    def get(self, stream_id: UUID) -> Live | None:
        return self._live.get(stream_id)

    def close(self, stream_id: UUID) -> None:
        if live := self._live.pop(stream_id, None):
            live.end()

    def all(self) -> list[Live]:
        return list(self._live.values())

    def __len__(self) -> int:
        return len(self._live)


registry = Registry()


def gathering_seconds() -> float:
    """How long the pieces of an answer are gathered into one: the longer, the more answers this
    process writes, so that many cost it hardly more wake-ups than few.
    """
    return min(MOST_GATHERING, max(LEAST_GATHERING, len(registry) * GATHERING_PER_ANSWER))


def event(number: int, body: dict[str, object]) -> bytes:
    """One server-sent event (WHATWG HTML, 9.2) named `chunk`."""
    return b"id: %d\nevent: chunk\ndata: %s\n\n" % (number, orjson.dumps(body))


def chunk(text: str, *, after: int) -> bytes:
    """A CHUNK event for a reader that has `after` characters."""
    return event(after + len(text), {"type": "CHUNK", "content": text})


def chunks(
    live: Live, after: int, *, patience: float = KEEPALIVE_SECONDS
) -> Generator[bytes, None, int]:
    """The CHUNK events of a live text from character `after` on, with a comment whenever it has
    paused for `patience` seconds. Returns how many characters the reader has at the end.
    """
    for text in live.follow(after, patience=patience):
        yield chunk(text, after=after) if text else KEEPALIVE
        after += len(text)
    return after
