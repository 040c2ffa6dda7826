"""The text of an answer while it is being written.

Readers resume by offset: a reader says how many characters it has, and gets the rest from memory
while the answer is being written here, or from the database after its end. So pieces need no
numbers and readers no queues, and a reader that fell behind gets all that it misses in one piece.
"""

import threading
import time
from collections.abc import Callable, Iterator
from uuid import UUID

KEEPALIVE_SECONDS = 15.0
MOST_REASONING = 32 * 1024  # characters of an answer's reasoning that are kept; the rest is dropped
LARGEST_PIECE = 64 * 1024  # characters; bounds what a slow reader holds in memory

# Why an answer is cancelled (`Live.cancelled`).
STOP = "stop"  # its user stopped it
INTERRUPT = "interrupt"  # the process shuts down, or the user has no access any more
LOST_OWNERSHIP = "lost_ownership"  # another process ended the row, or it was deleted


class Live:
    """A growing text with one writer and any number of readers.

    `user_id` is the user whose answer it is. `on_change` is called after each change. `cancelled`
    is the reason for which the writer is to end, or "". `reasoning` is what the model has thought
    before the text; it is shown to readers in this process, and stored nowhere.
    """

    def __init__(
        self,
        stream_id: UUID | None = None,
        *,
        reply_id: int = 0,
        user_id: int = 0,
        on_change: Callable[["Live"], None] | None = None,
    ) -> None:
        self.stream_id = stream_id
        self.reply_id = reply_id
        self.user_id = user_id
        self._on_change = on_change
        self._parts: list[str] = []
        self._changed = threading.Condition()
        self._on_cancel: Callable[[], None] | None = None
        self.length = 0
        self.reasoning = ""
        self._thinking_since: float | None = None
        self.ended = False
        self.cancelled = ""
        self.saved = 0  # characters in the database, set by `chat.turns.heartbeat`
        self.relayed = 0  # characters in Redis, set by `chat.live.redis_relay`

    def append(self, text: str) -> None:
        with self._changed:
            self._parts.append(text)
            self.length += len(text)
            self._changed.notify_all()
        if self._on_change:
            self._on_change(self)

    def think(self, text: str) -> None:
        """Add to the reasoning, up to `MOST_REASONING`."""
        if self._thinking_since is None:
            self._thinking_since = time.monotonic()
        if news := text[: MOST_REASONING - len(self.reasoning)]:
            with self._changed:
                self.reasoning += news
                self._changed.notify_all()

    def thinking_seconds(self) -> float:
        """For how long the model has been thinking."""
        since = self._thinking_since
        return 0.0 if since is None else time.monotonic() - since

    def text(self) -> str:
        """All that has been written so far."""
        with self._changed:
            if len(self._parts) > 1:
                self._parts = ["".join(self._parts)]
            return self._parts[0] if self._parts else ""

    def end(self) -> None:
        """No more text will come; its outcome is in the database."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()
        if self._on_change:
            self._on_change(self)

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call `callback` on cancellation, at once if it was cancelled before: it ends the writer's
        wait for the upstream.
        """
        with self._changed:
            self._on_cancel = callback
            is_cancelled = self.cancelled
        if is_cancelled:
            callback()

    def cancel(self, reason: str) -> None:
        """Have the writer end. The first reason counts."""
        with self._changed:
            self.cancelled = self.cancelled or reason
            callback = self._on_cancel
        if callback:
            callback()

    def wake(self) -> None:
        """Wake the waiting readers, so that each looks whether it was dismissed."""
        with self._changed:
            self._changed.notify_all()

    def wait_for_end(self, timeout: float | None = None) -> bool:
        """Wait at most `timeout` seconds. False: it has not ended."""
        with self._changed:
            return self._changed.wait_for(lambda: self.ended, timeout)

    def follow(self, after: int, *, patience: float = KEEPALIVE_SECONDS) -> Iterator[str]:
        """Yield what comes after the first `after` characters until the end; "" when nothing came
        for `patience` seconds, or when the reasoning has grown.
        """
        thought = 0
        while True:
            with self._changed:
                if not (self.ended or self.length > after or len(self.reasoning) > thought):
                    self._changed.wait(patience)
                thought = len(self.reasoning)
                ended, news = self.ended, self.since(after)[:LARGEST_PIECE]
            after += len(news)
            if news or not ended:
                yield news
            if ended and after >= self.length:
                return

    def since(self, after: int) -> str:
        """What has been written after the first `after` characters."""
        missing, found = self.length - after, []
        for part in reversed(self._parts):
            if missing <= 0:
                break
            found.append(part[-missing:] if missing < len(part) else part)
            missing -= len(part)
        return "".join(reversed(found))
