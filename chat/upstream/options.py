"""Timeouts, retries and size limits of a client, in one object that is handed to it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClientOptions:
    """All times are in seconds.

    `default_upstream` takes the first four from the settings UPSTREAM_CONNECT_TIMEOUT,
    UPSTREAM_FIRST_BYTE_TIMEOUT, UPSTREAM_CHUNK_TIMEOUT and UPSTREAM_UNSUPPORTED_PARAMETERS.
    `clock` is the pool's clock; `jitter` picks a delay between two bounds.
    """

    connect_timeout: float = 5.0
    # A server that runs models itself may load one before it answers, and gives up loading when
    # the client leaves.
    first_byte_timeout: float = 120.0
    chunk_timeout: float = 30.0
    # (model, name of a parameter that it refuses); the model "" is every one.
    unsupported: frozenset[tuple[str, str]] = frozenset()

    # After finish_reason only usage and [DONE] may follow, and after [DONE] only the end of the
    # body. The answer is complete by then, so the client does not wait long for either.
    usage_timeout: float = 2.0
    tail_timeout: float = 0.25

    retries: int = 2
    backoff_base: float = 0.5
    backoff_cap: float = 8.0
    longest_retry_after: float = 10.0  # a longer Retry-After is passed on to the user instead
    jitter: Callable[[float, float], float] = random.uniform

    breaker_failures: int = 5
    breaker_seconds: float = 15.0

    coalesce_seconds: float = 0.05

    health_seconds: float = 10.0  # how long a result of the health check is reused
    health_timeout: float = 2.0

    kept_connections: int = 256
    silence_before_reuse: float = 0.5  # an unrequested second response has arrived by then
    clock: Callable[[], float] = time.monotonic

    max_body_bytes: int = 64 * 1024 * 1024
    max_event_bytes: int = 4 * 1024 * 1024
    max_text_length: int = 2 * 1024 * 1024
