"""What a process does by the clock, as long as it lives: it says that it still writes its answers,
stores how far they have come, and ends those whose writer has gone silent.

No second scheduler is needed: a lease in the database lets one process at a time do the last.
"""

import logging
import threading
import time
from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from chat import limits, metrics, turns
from chat.mirror import mirror
from chat.models import Lease
from chat.streams import DISOWN, INTERRUPT, STOP, Live, registry
from quotes import embeddings

logger = logging.getLogger(__name__)

BEAT_SECONDS = 3.0
REAP_SECONDS = 10.0
LATE_SECONDS = 4 * BEAT_SECONDS
LOST_AFTER = timedelta(seconds=25)  # several beats, so that one that fails ends nothing
ROWS_AT_ONCE = 200
LAST_WORDS_SECONDS = 4.0

_started = threading.Event()


def start() -> None:
    """Begin, once in a process; under gevent after its patching, and never before a fork."""
    if not _started.is_set():
        _started.set()
        threading.Thread(target=_go_on, daemon=True).start()
        if embeddings.is_on():
            threading.Thread(target=_embed_on, daemon=True).start()
        if mirror:
            mirror.start()


class Rhythm:
    """Whether this process's own heartbeats have been stored in time for so long that another's
    silence means something. While the database was away or slow, the machine asleep or its clock
    set, nobody's were. By the clock on the wall: it is the one that heartbeats are stored by.
    """

    def __init__(self) -> None:
        self._since = self._round = time.time()

    def begin(self) -> None:
        self._round = time.time()

    def stored(self) -> None:
        """The heartbeat of this round has been stored; if too late, the count begins anew."""
        seconds = time.time() - self._round
        if not 0 <= seconds < LATE_SECONDS:
            logger.warning("heartbeat late: %.0f s after the last", seconds)
            self.broken()

    def broken(self) -> None:
        self._since = time.time()

    def is_steady(self) -> bool:
        return time.time() - self._since > LOST_AFTER.total_seconds()


def _go_on() -> None:
    rhythm = Rhythm()
    while True:
        rhythm.begin()
        time.sleep(BEAT_SECONDS)
        try:
            beat(registry.all())
            rhythm.stored()
            measure()
            if rhythm.is_steady() and _has_lease("reaper"):
                turns.reap(silent_for=LOST_AFTER)
        except DatabaseError as error:
            logger.warning("heartbeat not stored: %s", type(error).__name__)
            rhythm.broken()
        except Exception:
            logger.exception("heartbeat failed")
        finally:
            connection.close()


def beat(lives: list[Live]) -> None:
    """Store that these answers are being written, and how far; a few statements for all of them."""
    for start in range(0, len(lives), ROWS_AT_ONCE):
        _beat(lives[start : start + ROWS_AT_ONCE])


def _beat(lives: list[Live]) -> None:
    news = [(live.reply_id, live.text() if live.length > live.saved else None) for live in lives]
    still = turns.beat(news)
    for live, (reply_id, text) in zip(lives, news, strict=True):
        if text is not None:
            live.saved = len(text)
        if reply_id not in still:
            if not live.ended:
                live.cut_short(DISOWN)
        elif still[reply_id]:
            live.cut_short(STOP)


def measure() -> None:
    """Tell the metrics what this process carries now. Done by the clock and by whoever shows the
    metrics, so that no answer pays for it.
    """
    metrics.answers_and_streams(answers=len(registry), streams=limits.open_streams())
    if connection.vendor == "postgresql":
        metrics.database_pool(**connection.pool_stats())  # type: ignore[attr-defined]


def _embed_on() -> None:
    """Give new lines their vectors, a lot at a time by one process, so that a board that was never
    embedded does not crowd the model's server out; `embed_quotes` is faster.
    """
    while True:
        time.sleep(REAP_SECONDS)
        try:
            if _has_lease("embedder"):
                embeddings.embed_some()
        except (DatabaseError, embeddings.Away) as error:
            logger.warning("lines not embedded: %s", type(error).__name__)
        except Exception:
            logger.exception("embedding failed")
        finally:
            connection.close()


def _has_lease(name: str) -> bool:
    now = timezone.now()
    until = now + timedelta(seconds=REAP_SECONDS)
    if Lease.objects.filter(name=name, until__lte=now).update(until=until):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    Lease.objects.bulk_create([Lease(name=name, until=until)], ignore_conflicts=True)
    return True


def drain(*, seconds: float) -> None:
    """Let the answers of this process come to their end for so long; then end the rest as
    interrupted, with what there is of them, and their units given back.
    """
    _wait_until_empty(seconds)
    for live in registry.all():
        live.cut_short(INTERRUPT)
    _wait_until_empty(LAST_WORDS_SECONDS)
    if mirror:
        mirror.flush()


def _wait_until_empty(seconds: float) -> None:
    end = time.monotonic() + seconds
    while len(registry) and time.monotonic() < end:
        time.sleep(0.05)
