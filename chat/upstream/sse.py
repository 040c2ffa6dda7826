"""Decodes server-sent events (WHATWG HTML, 9.2) as far as an answer needs: each event's `data`, and
whether it is an error. The caller removes a byte order mark.
"""

from chat.upstream.options import ClientOptions
from chat.upstream.response_body import ProtocolViolation


class ErrorEvent(bytes):
    """The data of an event that is named `error`, or of llama.cpp's former field `error`."""


class EventDecoder:
    """Takes bytes, however they were split, and returns the data of the events that are complete.

    It works on bytes: a line end is never part of a UTF-8 character, so no character is split.
    """

    def __init__(self, *, max_event_bytes: int = ClientOptions.max_event_bytes) -> None:
        self._max_event_bytes = max_event_bytes
        self._rest = bytearray()
        self._has_return = False  # a \r was last, and its \n may follow

    def feed(self, received: bytes) -> list[bytes]:
        """Takes linear time in total: earlier bytes are not searched again. Raises
        ProtocolViolation for an event that is too large.
        """
        if self._has_return or b"\r" in received:
            received = self._with_line_feeds(received)
        searched = max(0, len(self._rest) - 1)
        self._rest += received
        gap = self._rest.rfind(b"\n\n", searched)
        events = bytes(self._rest[:gap]) if gap >= 0 else b""
        if gap >= 0:
            del self._rest[: gap + 2]
        if len(self._rest) > self._max_event_bytes:
            raise ProtocolViolation
        return _data_of(events) if gap >= 0 else []

    def end(self) -> list[bytes]:
        """The data after the last empty line: an event whose empty line the server left out."""
        rest, self._rest = bytes(self._rest), bytearray()
        return _data_of(rest)

    def _with_line_feeds(self, received: bytes) -> bytes:
        r"""A \r at the end counts at once: the next bytes may be long in coming."""
        if self._has_return and received.startswith(b"\n"):
            received = received[1:]
            self._has_return = False
        if received:
            self._has_return = received.endswith(b"\r")
        return received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _data_of(events: bytes) -> list[bytes]:
    return [data for event in events.split(b"\n\n") if (data := _data(event))]


def _data(event: bytes) -> bytes:
    if b"\n" not in event and event.startswith(b"data:"):
        return event[5:].strip()
    lines = event.split(b"\n")
    data = b"\n".join(line[5:].strip() for line in lines if line.startswith(b"data:"))
    if b"error" in event:
        reported = b"\n".join(line[6:].strip() for line in lines if line.startswith(b"error:"))
        is_named = any(
            line.startswith(b"event:") and line[6:].strip() == b"error" for line in lines
        )
        if reported or is_named:
            return ErrorEvent(data or reported or b"error")
    return data
