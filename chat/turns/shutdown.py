"""Ending the answers of a process that shuts down."""

import time

from chat.live.redis_relay import relay
from chat.live.registry import registry
from chat.live.streams import INTERRUPT

STORING_SECONDS = 4.0  # for storing what was interrupted


def drain(*, seconds: float) -> None:
    """Wait so long for the answers of this process to end; then end the rest as interrupted, keep
    what there is of them, and give their units back.
    """
    _wait_until_empty(seconds)
    for live in registry.all():
        live.cancel(INTERRUPT)
    _wait_until_empty(STORING_SECONDS)
    if relay:
        relay.flush()


def _wait_until_empty(seconds: float) -> None:
    end = time.monotonic() + seconds
    while len(registry) and time.monotonic() < end:
        time.sleep(0.05)
