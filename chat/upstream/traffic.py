"""What is known of the use of a server of `UPSTREAMS`: how many requests it is answering, which of
its models are left alone for a while after a 429, and how it failed last.

All but the last failures is of this process. Those are in the cache, so that with Redis the
administration shows those of all workers.
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from chat import metrics
from chat.upstream.errors import UpstreamFailed, UpstreamRateLimited

LONGEST_COOLDOWN = 600.0  # seconds
_KEPT = 24 * 3600  # seconds that the last failure is kept


@dataclass(frozen=True, slots=True)
class LastFailure:
    """`at` is a Unix time."""

    code: str
    status: int
    at: float


class Traffic:
    def __init__(self, server: str) -> None:
        self.server = server
        self.busy = 0
        self._cool_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def enter(self, most: int) -> bool:
        """Count a request in. False: there are as many as there may be (0: no limit)."""
        with self._lock:
            if most and self.busy >= most:
                return False
            self.busy += 1
        metrics.request_began(self.server)
        return True

    def leave(self) -> None:
        with self._lock:
            self.busy -= 1
        metrics.request_ended(self.server)

    def cooldown(self, model: str) -> float:
        """For how many seconds the model is not to be asked here."""
        return max(0.0, self._cool_until.get(model, 0.0) - time.monotonic())

    def failed(self, model: str, failure: UpstreamFailed) -> None:
        """Notes the failure; after a 429 the model has a cooldown, of Retry-After."""
        if isinstance(failure, UpstreamRateLimited):
            wait = failure.default_wait if failure.wait is None else failure.wait
            until = time.monotonic() + min(wait or 0.0, LONGEST_COOLDOWN)
            self._cool_until[model] = until
        last = {"code": failure.code, "status": failure.upstream_status, "at": time.time()}
        cache.set(self._key(model), last, _KEPT)

    def last_failure(self, model: str) -> LastFailure | None:
        stored: dict[str, Any] | None = cache.get(self._key(model))
        return LastFailure(**stored) if stored else None

    def _key(self, model: str) -> str:
        # A model's name may be long, and have characters that a key must not have.
        digest = hashlib.sha256(model.encode()).hexdigest()[:32]
        return f"upstream:{self.server}:failure:{digest}"
