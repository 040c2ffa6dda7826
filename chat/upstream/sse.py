"""Server-sent events (WHATWG HTML, 9.2) as far as an answer needs them: each event's `data`."""

from chat.upstream import limits
from chat.upstream.body import Garbled


class Events:
    """Feed it bytes however they were cut; it gives the data of the events that are complete.

    It works on bytes: a line end is never part of a UTF-8 character, so none is ever split.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> list[bytes]:
        received = self._rest + received
        held = b""
        if b"\r" in received:
            if received.endswith(b"\r"):  # its \n may be on the way
                received, held = received[:-1], b"\r"
            received = received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        events, gap, rest = received.rpartition(b"\n\n")
        self._rest = rest + held
        if len(self._rest) > limits.MAX_EVENT_BYTES:
            raise Garbled
        return _data_of(events) if gap else []

    def end(self) -> list[bytes]:
        """What stands after the last empty line: an event whose end the server left out."""
        rest, self._rest = self._rest, b""
        return _data_of(rest)


def _data_of(events: bytes) -> list[bytes]:
    return [data for event in events.split(b"\n\n") if (data := _data(event))]


def _data(event: bytes) -> bytes:
    if b"\n" not in event:
        return event[5:].strip() if event.startswith(b"data:") else b""
    lines = event.split(b"\n")
    return b"\n".join(line[5:].strip() for line in lines if line.startswith(b"data:"))
