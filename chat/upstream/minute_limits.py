"""The requests and tokens that a server may get in a minute, counted by the minutes of the clock in
the cache: for all workers and machines in Redis, else for this process.

A request counts its prompt, as estimated, and the most tokens that its answer may have; when the
answer has ended, what it took is counted in their place.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.core.cache import cache

MINUTE = 60
REQUESTS, TOKENS = "requests", "tokens"


@dataclass(slots=True)
class Taken:
    """What a request has taken of a server's minute."""

    server: str
    minute: int
    requests: int = 0
    tokens: int = 0

    def settle(self, *, requests: int, tokens: int) -> None:
        """Count this in place of what was taken."""
        for what, more in (
            (REQUESTS, requests - self.requests),
            (TOKENS, tokens - self.tokens),
        ):
            if more and getattr(self, what):
                _count(self.server, what, self.minute, more)
        self.requests = self.tokens = 0


def take(server: str, *, requests: int, tokens: int, of_request: Callable[[], int]) -> Taken | str:
    """Count a request against these limits of a server (0: none), or give the one that is reached,
    and count nothing. `of_request` estimates its tokens, where they are limited.
    """
    taken = Taken(server, int(time.time() // MINUTE))
    if requests:
        taken.requests = 1
        if _count(server, REQUESTS, taken.minute, 1) > requests:
            taken.settle(requests=0, tokens=0)
            return REQUESTS
    if tokens:
        taken.tokens = of_request()
        if _count(server, TOKENS, taken.minute, taken.tokens) > tokens:
            taken.settle(requests=0, tokens=0)
            return TOKENS
    return taken


def seconds_left() -> float:
    """Until the next minute begins."""
    return MINUTE - time.time() % MINUTE


def _count(server: str, what: str, minute: int, by: int) -> int:
    key = f"upstream:{server}:{what}:{minute}"
    count: int = cast("Any", cache).count(key, seconds=2 * MINUTE, by=by)
    return count
