"""What a call of an upstream reports: to the circuit breaker, to the metrics, and one log line."""

import logging
import time

from chat import metrics
from chat.upstream.breaker import Breaker
from chat.upstream.errors import UpstreamFailed

logger = logging.getLogger("chat.upstream")
breaker_logger = logging.getLogger("chat.upstream.breaker")


class CallLog:
    """Logs once, however often and by whichever way the call ends. `person` is the id of the user
    whose request it is; `server` is the name of one of `UPSTREAMS`.
    """

    def __init__(
        self, *, model: str, breaker: Breaker, person: int | None = None, server: str = ""
    ) -> None:
        self.model = model
        self._server = server
        self.attempts = 0
        self.status = 0
        self._breaker = breaker
        self._person = person
        self._started = time.monotonic()
        self._is_logged = False

    def mark_alive(self) -> None:
        """The server has sent a part of an answer."""
        self._breaker.succeeded()

    def end(self, code: str = "ok") -> None:
        self._log(logging.INFO, code)

    def fail(self, failure: UpstreamFailed) -> None:
        if failure.trips_breaker:
            self._count(failure)
        elif failure.upstream_status:
            self._breaker.succeeded()  # a server that refuses a request is running
        self.status = failure.upstream_status or self.status
        metrics.upstream_failed(failure.code)
        self._log(logging.WARNING, failure.code)

    def _count(self, failure: UpstreamFailed) -> None:
        if self._breaker.failed(None if failure.is_unsent else self._person):
            metrics.breaker_opened(self.model, server=self._server)
            breaker_logger.warning("opened model=%s code=%s", self._name, failure.code)

    @property
    def _name(self) -> str:
        return f"{self._server}/{self.model}" if self._server else self.model

    def _log(self, level: int, code: str) -> None:
        if self._is_logged:
            return
        self._is_logged = True
        logger.log(
            level,
            "%s status=%d model=%s attempts=%d ms=%d",
            code,
            self.status,
            self._name,
            self.attempts,
            (time.monotonic() - self._started) * 1000,
        )
