"""The answers that this process is writing."""

from collections.abc import Callable
from uuid import UUID

from chat.live.streams import INTERRUPT, Live

# Seconds. At the upper limit a text still comes faster than people read.
LEAST_GATHERING, MOST_GATHERING, GATHERING_PER_ANSWER = 0.05, 0.8, 0.0004


class Registry:
    """Texts by stream id. `on_change` is called after each change of one opened from then on."""

    def __init__(self) -> None:
        self._live: dict[UUID, Live] = {}
        self.on_change: Callable[[Live], None] | None = None

    def open(self, stream_id: UUID, *, reply_id: int = 0, user_id: int = 0) -> Live:
        live = Live(stream_id, reply_id=reply_id, user_id=user_id, on_change=self.on_change)
        self._live[stream_id] = live
        return live

    def get(self, stream_id: UUID) -> Live | None:
        return self._live.get(stream_id)

    def close(self, stream_id: UUID) -> None:
        """End a text and forget it. Does nothing for one that is not here."""
        if live := self._live.pop(stream_id, None):
            live.end()

    def all(self) -> list[Live]:
        return list(self._live.values())

    def interrupt(self, user_id: int) -> None:
        """Cancel all answers that are being written for a user."""
        for live in self.all():
            if live.user_id == user_id:
                live.cancel(INTERRUPT)

    def __len__(self) -> int:
        return len(self._live)


registry = Registry()


def gathering_seconds() -> float:
    """How long the pieces of an answer are gathered into one.

    It grows with the number of answers this process writes: there the wake-ups are what a stream
    costs (docs/adr/0010).
    """
    return min(MOST_GATHERING, max(LEAST_GATHERING, len(registry) * GATHERING_PER_ANSWER))
