"""Ends turns whose process died. Every process calls `sweep` at intervals (`chat.turns.heartbeat`).
When no process is running, `manage.py end_lost_turns` calls `reap`.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import Error, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import trail
from accounts.export import job as export
from chat import metrics
from chat.live.redis_relay import relay
from chat.models import Lease, Reply, Status
from chat.turns import carryover, finish
from chat.turns.errors import TurnInterrupted
from config.db.connections import release_connection
from config.db.sql import is_postgresql
from quotes.jobs import runner as jobs

logger = logging.getLogger(__name__)

# Several heartbeats, so that one that fails ends no turn.
LOST_AFTER = timedelta(seconds=25)
LEASE_SECONDS = 10.0
# More than a heartbeat: until then a writer whose row was locked has stored its own.
SECOND_LOOK_SECONDS = 4.5
PROMPT_SECONDS = 5.0  # a lease that takes longer shows that the database was slow for all
_SWEEPS = ("sweep 1", "sweep 2", "sweep 3")  # rows of `Lease` with the times of the last sweeps


def sweep(*, is_steady: Callable[[], bool], wait: Callable[[float], None] = time.sleep) -> None:
    """Clean up after processes that died, by one process at a time: end their turns, continue
    their long jobs, and delete the kept usage of earlier days. A task that fails stops no other.
    `is_steady`: whether this process has stored its own heartbeats for `LOST_AFTER`.
    """
    begun = time.time()
    if not acquire_lease("reaper"):
        return
    is_prompt = 0 <= time.time() - begun < PROMPT_SECONDS
    tasks: list[Callable[[], object]] = [
        carryover.forget_former_usage,
        trail.delete_old,
        export.delete_expired,
    ]
    if before := _lost_before(is_steady=is_prompt and is_steady()):
        silent_for = timezone.now() - before
        tasks += [
            partial(_reap_at_second_look, before, wait),
            partial(jobs.take_up, silent_for=silent_for),
        ]
    for task in tasks:
        try:
            task()
        except Error as error:
            logger.warning("a task of the sweep failed: %s", type(error).__name__)


def reap(*, silent_for: timedelta, among: QuerySet[Reply] | None = None) -> int:
    """End the turns (`among` these) without a heartbeat for so long, and give their units back,
    also where the user had asked to stop: there may have been more text than is left. Turns whose
    rows are locked are left for the next time. Returns how many were ended.
    """
    return _reap(_silent_since(timezone.now() - silent_for, among=among))


def acquire_lease(name: str, *, seconds: float = LEASE_SECONDS) -> bool:
    """Whether this process is the one that does a task for the next `seconds`."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    if Lease.objects.filter(name=name, until__lte=now).update(until=until):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    Lease.objects.bulk_create([Lease(name=name, until=until)], ignore_conflicts=True)
    return True


def _lost_before(*, is_steady: bool) -> datetime | None:
    """Who has stored no heartbeat since this time is dead; None while that is not known.

    Old heartbeats alone say nothing: the database may have been away, or the machine asleep. Two
    things show that living processes could have stored newer ones: this process did, for
    `LOST_AFTER`; or the last sweeps, of whichever processes, were carried out, each `LEASE_SECONDS`
    after the one before. The second also holds where no process lives for long.
    """
    now = timezone.now()
    former = _former_sweeps(now)
    if is_steady:
        return now - LOST_AFTER
    if len(former) < len(_SWEEPS):
        return None
    return min(now - LOST_AFTER, *former)  # not the last of them: the clock may have been set


def _former_sweeps(now: datetime) -> list[datetime]:
    """The times of the sweeps before this one, newest first; `now` is stored as the newest."""
    times = Lease.objects.times(_SWEEPS)
    former = [times[name] for name in _SWEEPS if name in times]
    Lease.objects.store(dict(zip(_SWEEPS, [now, *former], strict=False)))
    return former


def _silent_since(before: datetime, *, among: QuerySet[Reply] | None = None) -> QuerySet[Reply]:
    replies = Reply.objects.all() if among is None else among
    return replies.filter(status=Status.STREAMING, heartbeat_at__lt=before)


def _reap_at_second_look(before: datetime, wait: Callable[[float], None]) -> None:
    """Where a lock on its row kept a living writer from storing heartbeats, it stores one when the
    lock is gone, and is not lost at the second look.
    """
    silent = _silent_since(before)
    if keys := [reply.pk for reply in _unlocked(silent.only("pk"))]:
        release_connection()
        wait(SECOND_LOOK_SECONDS)
        _reap(silent.filter(pk__in=keys))


def _unlocked(replies: QuerySet[Reply]) -> list[Reply]:
    """Those whose rows nobody has locked; waiting for one would delay all others."""
    if not is_postgresql():
        return list(replies)
    with transaction.atomic():
        return list(replies.select_for_update(skip_locked=True, no_key=True))


def _reap(lost: QuerySet[Reply]) -> int:
    return sum(map(_reap_one, _unlocked(lost)))


def _reap_one(reply: Reply) -> bool:
    try:
        return _end(reply)
    except Error as error:
        logger.warning("reply %s not ended: %s", reply.pk, type(error).__name__)
        return False


def _end(reply: Reply) -> bool:
    content = max(reply.content, relay.text_of(reply.stream_id) if relay else "", key=len)
    won = finish.fail_turn(reply, failure=TurnInterrupted(), content=content)
    if won:
        metrics.reaped()
        finish.log_end(reply, seconds=(timezone.now() - reply.created_at).total_seconds())
    return won
