"""One call of the upstream as log and circuit breaker see it: however it ends, one log line."""

import logging
import time

from chat import metrics
from chat.upstream.breaker import Breaker
from chat.upstream.errors import UpstreamFailed

logger = logging.getLogger("chat.upstream")


class Call:
    def __init__(self, *, model: str, breaker: Breaker) -> None:
        self.model = model
        self.attempts = 0
        self.status = 0
        self._breaker = breaker
        self._started = time.monotonic()
        self._is_over = False

    def came_alive(self) -> None:
        self._breaker.succeeded()

    def end(self, code: str = "ok") -> None:
        self._log(logging.INFO, code)

    def fail(self, failure: UpstreamFailed) -> None:
        if failure.trips:
            self._breaker.failed()
        elif failure.upstream_status:
            self._breaker.succeeded()  # a server that says no is there
        self.status = failure.upstream_status or self.status
        metrics.upstream_failed(failure.code)
        self._log(logging.WARNING, failure.code)

    def _log(self, level: int, code: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        logger.log(
            level,
            "%s status=%d model=%s attempts=%d ms=%d",
            code,
            self.status,
            self.model,
            self.attempts,
            (time.monotonic() - self._started) * 1000,
        )
