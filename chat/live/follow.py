"""Following an answer to its end, wherever it is written: here, in another process, or no more.

What is yielded belongs to no protocol; `chat.api.sse` encodes it as server-sent events.
"""

import time
from collections.abc import Callable, Generator, Iterator

from chat.live.readers import Reader
from chat.live.redis_relay import relay
from chat.live.streams import Live
from chat.models import Reply, Status
from config.db.connections import release_connection

# How often the row is read of an answer that another process writes and Redis does not have.
POLL_SECONDS, LONGEST_POLL_SECONDS = 0.25, 2.0
# After such a pause of another process's text, look whether its answer is still being written.
REMOTE_PATIENCE_SECONDS = 5.0


def pieces(
    reply: Reply, reader: Reader, *, after: int, is_final: Callable[[], bool]
) -> Generator[str]:
    """Yield the text of an answer after its first `after` characters; "" after a pause, for a
    keep-alive, or when `reader.live` has more reasoning. At the end `reply` is as stored.

    `is_final` is asked once the text has ended: True saves reading the row. Raises
    `Reply.DoesNotExist` when the reply was deleted meanwhile. No database connection is held while
    waiting.
    """
    try:
        after = yield from _live_pieces(reply, reader, after)
        quiet_since = time.monotonic()
        for current in [reply] if is_final() else poll(reply):
            news = current.written[after:]
            # The next look may be `LONGEST_POLL_SECONDS` away.
            patience = reader.keepalive - LONGEST_POLL_SECONDS
            if news or time.monotonic() - quiet_since > patience:
                after += len(news)
                yield news
                quiet_since = time.monotonic()
    finally:
        release_connection()


def wait_for_end(reply: Reply, live: Live | None) -> None:
    """Wait until an answer has ended, here (`live`) or elsewhere; `reply` is then as stored. Raises
    `Reply.DoesNotExist` when it was deleted meanwhile.
    """
    if live:
        release_connection()
        live.wait_for_end()
    for _current in poll(reply):
        pass


def poll(reply: Reply) -> Iterator[Reply]:
    """Read the row again until it has ended, and yield it each time. Raises `Reply.DoesNotExist`.
    No connection is held between two reads.
    """
    pause = POLL_SECONDS
    while True:
        try:
            reply.refresh_from_db()
        finally:
            release_connection()
        yield reply
        if reply.status != Status.STREAMING:
            return
        time.sleep(pause)
        pause = min(LONGEST_POLL_SECONDS, pause * 1.2)


def _live_pieces(reply: Reply, reader: Reader, after: int) -> Generator[str, None, int]:
    """Yield what comes while the answer is written; returns the offset at its end."""
    if reader.live:
        for piece in reader.live.follow(after, patience=reader.keepalive):
            yield piece
            after += len(piece)
    elif relay and reply.status == Status.STREAMING:
        with relay.follow(reply.stream_id) as remote:
            reader.live = remote
            if remote:
                patience = min(reader.keepalive, REMOTE_PATIENCE_SECONDS)
                after = yield from _remote_pieces(reply, remote, after, patience)
    return after


def _remote_pieces(
    reply: Reply, live: Live, after: int, patience: float
) -> Generator[str, None, int]:
    """Also ends when the row has ended or is gone: the process that writes it may have died."""
    streaming = Reply.objects.filter(pk=reply.pk, status=Status.STREAMING)
    for piece in live.follow(after, patience=patience):
        yield piece
        after += len(piece)
        if piece:
            continue
        try:
            if not streaming.exists():
                break
        finally:
            release_connection()
    return after
