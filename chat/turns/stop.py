"""Stopping an answer, in whichever process it is written."""

import time

from django.db.models import QuerySet

from chat.live.redis_relay import relay
from chat.live.registry import registry
from chat.live.streams import STOP
from chat.models import Reply, Status
from chat.turns import recover
from config.db.connections import release_connection

STOP_SECONDS = 5.0  # longer than a process goes without a heartbeat
STOP_POLL_SECONDS = 0.05


def stop_turn(reply: Reply, *, at_most: float = STOP_SECONDS) -> bool:
    """Have an answer end where it is. What was written is kept and charged; an answer whose writer
    is lost ends as interrupted and is not charged. Returns whether it has ended, after `at_most`
    seconds. If it has not, it will: by its writer, or by the reaper.
    """
    this = Reply.objects.filter(pk=reply.pk)
    streaming = this.filter(status=Status.STREAMING)
    if live := registry.get(reply.stream_id):
        live.cancel(STOP)
        release_connection()
        live.wait_for_end(at_most)
    elif streaming.update(stop_requested=True):
        if relay:
            relay.request_stop(reply.stream_id)
        if not _has_ended(streaming, at_most):
            recover.reap(silent_for=recover.LOST_AFTER, among=this)
    return not streaming.exists()


def _has_ended(streaming: QuerySet[Reply], at_most: float) -> bool:
    """Wait for it for so many seconds. No connection is held between two looks."""
    deadline = time.monotonic() + at_most
    while streaming.exists():
        if time.monotonic() > deadline:
            return False
        release_connection()
        time.sleep(STOP_POLL_SECONDS)
    return True
