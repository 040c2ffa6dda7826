"""Of several turns that miss the same stored answer, one asks the model: the one whose row it is.
The others wait for its end. When its answer is whole it goes into the row, else the row is free.

All of it is in the database, so it holds across processes; a turn of this process also wakes those
that wait for it here. A row names the reply of its turn, so a turn whose row another one has taken
over changes nothing any more.
"""

import time
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone

from chat.live.registry import registry
from chat.live.streams import Live
from chat.models import Reply, Status, StoredAnswer
from chat.stored import lookup, similar
from chat.stored.keys import Wanted
from chat.stored.lookup import Row, StoredText
from config.db.connections import release_connection
from config.db.constraints import is_reference_to_nothing
from config.db.sql import insert
from quotes.search.board_version import digests_of

WAIT_SECONDS = 60.0
# Four heartbeats. Another process ends such a turn, but only after 25 s; nobody waits that long.
LOST_AFTER = timedelta(seconds=12)
FIRST_LOOK_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0


def answer_or_claim(
    wanted: Wanted, reply: Reply, live: Live, *, at_most: float = WAIT_SECONDS
) -> StoredText | None:
    """The stored answer, for which it waits `at_most` seconds while another turn writes it. None:
    this turn is to ask the model, and if it holds the row, its answer will be stored.
    """
    deadline, pause = time.monotonic() + at_most, FIRST_LOOK_SECONDS
    while not live.cancelled and time.monotonic() < deadline:
        row = lookup.row_of(wanted)
        if row and (found := lookup.text_of(row)):
            return found
        if row and row.reply_id == reply.pk:
            return None
        if row and _is_being_written(row):
            _pause(row.stream_id, pause)
            pause = min(LONGEST_PAUSE_SECONDS, pause * 1.5)
        elif _claim(wanted, reply, instead_of=row):
            return None
    return None


def keep(wanted: Wanted, reply: Reply, *, lines: Collection[int]) -> bool:
    """Store a whole answer, which used these lines. False: its turn does not hold the row, or one
    of the lines has left the board meanwhile.
    """
    digests = digests_of(lines)
    if len(digests) < len(lines):
        release(wanted, reply)
        return False
    vector = similar.vector_of(wanted)
    changes = {"answered_at": reply.finished_at, "lines": digests, "vector": vector}
    return bool(_held(wanted, reply).update(**changes))


def release(wanted: Wanted, reply: Reply) -> None:
    """The turn has no whole answer: let another one ask."""
    _held(wanted, reply).delete()


def _held(wanted: Wanted, reply: Reply) -> QuerySet[StoredAnswer]:
    return StoredAnswer.objects.filter(key=wanted.key, reply=reply, answered_at=None)


def _is_being_written(row: Row) -> bool:
    """An answer that has just ended is about to be stored."""
    if row.answered_at is not None:
        return False
    is_done = row.status == Status.DONE
    seen = row.finished_at if is_done else row.heartbeat_at
    is_open = is_done or row.status == Status.STREAMING
    return is_open and seen is not None and timezone.now() - seen < LOST_AFTER


def _pause(stream_id: UUID, seconds: float) -> None:
    """No connection is held meanwhile."""
    release_connection()
    if writer := registry.get(stream_id):
        writer.wait_for_end(seconds)
    else:
        time.sleep(seconds)


def _claim(wanted: Wanted, reply: Reply, *, instead_of: Row | None) -> bool:
    """Whether the row is this turn's from now on. False: another turn was faster."""
    row = StoredAnswer(key=wanted.key, context=wanted.context, reply=reply)
    if instead_of is None:
        return _insert(row)
    old = StoredAnswer.objects.filter(key=wanted.key, reply=instead_of.reply_id)
    taken = old.update(
        reply=reply,
        context=wanted.context,
        answered_at=None,
        lines={},
        vector=None,
        created_at=timezone.now(),
    )
    return bool(taken)


def _insert(row: StoredAnswer) -> bool:
    try:
        insert(row)
    except IntegrityError as error:
        # Where the question was deleted meanwhile, there is no answer to store.
        return is_reference_to_nothing(error)
    return True
