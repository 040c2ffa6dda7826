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

HEARTBEAT_SECONDS = 15.0
_KEEPALIVE = b": keep-alive\n\n"


class Live:
    """One growing text. A single writer appends; any number of readers follow."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._changed = threading.Condition()
        self._closer: Callable[[], None] | None = None
        self.length = 0
        self.ended = False
        self.stopping = False

    def append(self, text: str) -> None:
        with self._changed:
            self._parts.append(text)
            self.length += len(text)
            self._changed.notify_all()

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

    def on_stop(self, closer: Callable[[], None]) -> None:
        """What ends the writer's wait for the upstream at once when somebody stops the answer."""
        with self._changed:
            self._closer = closer
            stopping = self.stopping
        if stopping:
            closer()

    def stop(self) -> None:
        with self._changed:
            self.stopping = True
            closer = self._closer
        if closer:
            closer()

    def wait_for_end(self, timeout: float | None = None) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.ended, timeout)

    def follow(self, after: int) -> Iterator[str]:
        """Yield what comes after the first `after` characters until the end; "" when there was
        nothing new for `HEARTBEAT_SECONDS`.
        """
        while True:
            with self._changed:
                if not (self.ended or self.length > after):
                    self._changed.wait(HEARTBEAT_SECONDS)
                ended, news = self.ended, self._since(after)
            after += len(news)
            if news or not ended:
                yield news
            if ended:
                return

    def _since(self, after: int) -> str:
        missing, found = self.length - after, []
        for part in reversed(self._parts):
            if missing <= 0:
                break
            found.append(part[-missing:] if missing < len(part) else part)
            missing -= len(part)
        return "".join(reversed(found))


class Registry:
    """The answers that this process is writing, by stream id."""

    def __init__(self) -> None:
        self._live: dict[UUID, Live] = {}

    def open(self, stream_id: UUID) -> Live:
        live = self._live[stream_id] = Live()
        return live

    def get(self, stream_id: UUID) -> Live | None:
        return self._live.get(stream_id)

    def close(self, stream_id: UUID) -> None:
        if live := self._live.pop(stream_id, None):
            live.end()

    def __len__(self) -> int:
        return len(self._live)


registry = Registry()


def event(number: int, body: dict[str, object]) -> bytes:
    """One server-sent event (WHATWG HTML, 9.2) named `chunk`."""
    return b"id: %d\nevent: chunk\ndata: %s\n\n" % (number, orjson.dumps(body))


def chunk(text: str, *, after: int) -> bytes:
    """A CHUNK event for a reader that has `after` characters."""
    return event(after + len(text), {"type": "CHUNK", "content": text})


def chunks(live: Live, after: int) -> Generator[bytes, None, int]:
    """The CHUNK events of a live text from character `after` on, with comments while it pauses.
    Returns how many characters the reader has at the end.
    """
    for text in live.follow(after):
        yield chunk(text, after=after) if text else _KEEPALIVE
        after += len(text)
    return after
