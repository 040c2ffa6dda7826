"""What a process does periodically: it stores that it still writes its answers and how far they
have come, and runs the periodic tasks, such as ending the turns of dead processes.

This needs no scheduler beside the web processes: a lease in the database (`recover.acquire_lease`)
lets one process at a time run a task. Heartbeats wait for nobody: they have a thread and a
connection of their own, and skip rows that another transaction has locked (docs/adr/0029).
"""

import logging
import threading
import time
from collections.abc import Sequence
from itertools import chain

from django.contrib.auth import get_user_model
from django.db import Error, connection
from django.utils import timezone

from chat import metrics
from chat.live.readers import open_streams
from chat.live.redis_relay import relay
from chat.live.registry import registry
from chat.live.streams import INTERRUPT, LOST_OWNERSHIP, STOP, Live
from chat.turns import prune, recover, site_budget
from config.background import one_round
from config.db.connections import reserve_connection
from config.db.sql import fetch_all, is_postgresql
from quotes.search import embeddings

logger = logging.getLogger(__name__)

BEAT_SECONDS = 3.0
LATE_SECONDS = 4 * BEAT_SECONDS
ROWS_PER_STATEMENT = 200
PRUNE_POLL_SECONDS = 60.0  # how often to see whether an hour has passed since the last deletion

SKIPPED = "skipped"  # in place of a reason to cancel: the row is locked, so nothing was stored

# PostgreSQL: the heartbeats of all rows that nobody has locked. The outermost SELECT sees the rows
# as they were when the statement began.
_BEAT_UNLOCKED = """
WITH news (id, content) AS (VALUES {values}),
held AS (
    SELECT chat_reply.id FROM chat_reply JOIN news USING (id)
    WHERE chat_reply.status = 'streaming' FOR NO KEY UPDATE OF chat_reply SKIP LOCKED
),
stored AS (
    UPDATE chat_reply
    SET heartbeat_at = %s, content = COALESCE(news.content, chat_reply.content)
    FROM news JOIN held USING (id) WHERE chat_reply.id = news.id
    RETURNING chat_reply.id
)
SELECT chat_reply.id, chat_reply.stop_requested, {users}.is_active, stored.id IS NULL
FROM news JOIN chat_reply USING (id) JOIN {users} ON {users}.id = chat_reply.user_id
LEFT JOIN stored ON stored.id = chat_reply.id
WHERE chat_reply.status = 'streaming'
"""
# SQLite has no locks on rows.
_BEAT = """
UPDATE chat_reply
SET heartbeat_at = %s, content = COALESCE(news.column2, chat_reply.content)
FROM (VALUES {values}) AS news
WHERE chat_reply.id = news.column1 AND chat_reply.status = 'streaming'
RETURNING chat_reply.id, chat_reply.stop_requested,
    (SELECT is_active FROM {users} WHERE {users}.id = chat_reply.user_id), FALSE
"""

_started = threading.Event()


def start() -> None:
    """Start the periodic tasks, once in a process: under gevent after its patching, and never
    before a fork.
    """
    if not _started.is_set():
        _started.set()
        monitor = HeartbeatMonitor()
        for loop in (beat_loop, sweep_loop):
            threading.Thread(target=loop, args=(monitor,), daemon=True).start()
        threading.Thread(target=_prune_loop, daemon=True).start()
        if embeddings.is_on():
            threading.Thread(target=_embed_loop, daemon=True).start()
        if relay:
            relay.start()


class HeartbeatMonitor:
    """Whether another process's old heartbeat means that it died.

    It counts as stale only after our own heartbeats have been stored on time for `LOST_AFTER`:
    while the database was unreachable or slow, the machine suspended or its clock set, no process's
    were. Uses the wall clock, as the stored heartbeats do.
    """

    def __init__(self) -> None:
        self._since = self._round = self._stored = self._warned = time.time()
        metrics.heartbeat_stored(self._stored)

    def begin(self) -> None:
        """A round begins."""
        self._round = time.time()

    def stored(self) -> None:
        """The heartbeat of this round has been stored. If it was late, start counting anew."""
        seconds = time.time() - self._round
        if not 0 <= seconds < LATE_SECONDS:
            logger.warning("heartbeat late: %.0f s after the last", seconds)
            self.failed()
        self._stored = time.time()
        metrics.heartbeat_stored(self._stored)

    def failed(self) -> None:
        """No heartbeat was stored: start counting anew."""
        self._since = time.time()

    def is_steady(self) -> bool:
        return time.time() - self._since > recover.LOST_AFTER.total_seconds()

    def warn(self) -> None:
        """Log an error where none has been stored for `LATE_SECONDS`, and again as long after it.
        Call it in another thread than the one that stores them.
        """
        now = time.time()
        if now - max(self._stored, self._warned) > LATE_SECONDS:
            self._warned = now
            lost_after = recover.LOST_AFTER.total_seconds()
            logger.error(
                "no heartbeat stored for %.0f s; after %.0f s other processes end the answers",
                now - self._stored,
                lost_after,
            )


def beat_loop(monitor: HeartbeatMonitor) -> None:
    reserve_connection()
    while True:
        monitor.begin()
        time.sleep(BEAT_SECONDS)
        with one_round(logger, "heartbeat not stored", on_expected=monitor.failed):
            beat(registry.all())
            monitor.stored()
            measure()


def sweep_loop(monitor: HeartbeatMonitor) -> None:
    while True:
        time.sleep(BEAT_SECONDS)
        monitor.warn()
        with one_round(logger, "lost turns not looked for", on_expected=monitor.failed):
            recover.sweep(is_steady=monitor.is_steady)


def beat(lives: list[Live]) -> None:
    """Store that these answers are being written and how far they have come, by one statement for
    each `ROWS_PER_STATEMENT`; and cancel those that are to end.
    """
    for start in range(0, len(lives), ROWS_PER_STATEMENT):
        _beat(lives[start : start + ROWS_PER_STATEMENT])


def _beat(lives: list[Live]) -> None:
    news = [(live.reply_id, live.text() if live.length > live.saved else None) for live in lives]
    reasons = store(news)
    for live, (reply_id, text) in zip(lives, news, strict=True):
        reason = reasons.get(reply_id, LOST_OWNERSHIP)
        if reason == SKIPPED:
            continue
        if text is not None:
            live.saved = len(text)
        if reason and not (reason == LOST_OWNERSHIP and live.ended):
            live.cancel(reason)


def store(rows: Sequence[tuple[int, str | None]]) -> dict[int, str]:
    """Store a heartbeat for the replies with these ids, and the text of each (None: unchanged).

    Returns the replies that have not ended, each with the reason to cancel it: `STOP`, `INTERRUPT`
    where its user was deactivated, `SKIPPED` where the row is locked, or "".
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = ", ".join(["(%s, %s)"] * len(rows))
    users = get_user_model()._meta.db_table  # noqa: SLF001
    known = [*chain.from_iterable(rows)]
    if is_postgresql():
        statement, parameters = _BEAT_UNLOCKED, [*known, now]
    else:
        statement, parameters = _BEAT, [now, *known]
    found = fetch_all(statement.format(values=values, users=users), parameters)
    if skipped := sum(is_skipped for *_, is_skipped in found):
        logger.warning("heartbeats of %d answers not stored: their rows are locked", skipped)
    return {
        pk: SKIPPED if is_skipped else STOP if stop else "" if is_active else INTERRUPT
        for pk, stop, is_active, is_skipped in found
    }


def measure() -> None:
    """Set the gauges of this process. Called here and when the metrics are shown, so that no answer
    pays for it.
    """
    metrics.answers_and_streams(answers=len(registry), streams=open_streams())
    if site_budget.is_on():
        site_budget.record_use()
    if is_postgresql():
        metrics.database_pool(**connection.pool_stats())  # type: ignore[attr-defined]


def _prune_loop() -> None:
    """In a thread of its own: deleting many rows takes long, and lost turns are ended meanwhile."""
    while True:
        prune_if_due()
        time.sleep(PRUNE_POLL_SECONDS)


def prune_if_due() -> None:
    """Deletes what has expired, if no process has done it within the last hour."""
    with one_round(logger, "expired rows not deleted"):
        if recover.acquire_lease("prune", seconds=prune.EVERY_SECONDS):
            prune.prune()


def _embed_loop() -> None:
    """Give new lines their vectors, a batch at a time by one process, so that a board without
    vectors does not occupy the embedding server; `embed_quotes` is faster.
    """
    while True:
        time.sleep(recover.LEASE_SECONDS)
        expected = (Error, embeddings.EmbeddingsUnavailable)
        with one_round(logger, "lines not embedded", expected=expected):
            if recover.acquire_lease("embedder"):
                embeddings.embed_some()
