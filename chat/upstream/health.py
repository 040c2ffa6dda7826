"""Whether an upstream answers, by a request that costs nothing."""

import threading
import time
from http import HTTPStatus

from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from chat.upstream.http_session import HTTPSession
from chat.upstream.model_state import ModelStates
from chat.upstream.options import ClientOptions


class HealthCheck:
    def __init__(self, http: HTTPSession, models: ModelStates, options: ClientOptions) -> None:
        self._http = http
        self._models = models
        self._max_age = options.health_seconds
        self._timeout = Timeout(connect=options.health_timeout, read=options.health_timeout)
        self._lock = threading.Lock()
        self._state = ""
        self._checked_at = 0.0

    def state(self) -> str:
        """`ok`, `unavailable` or `not_configured`."""
        if not self._http.base_url:
            return "not_configured"
        if self._models.are_all_shut():
            return "unavailable"
        with self._lock:  # concurrent callers share one request
            if not self._state or time.monotonic() - self._checked_at > self._max_age:
                self._state = "ok" if self._answers() else "unavailable"
                self._checked_at = time.monotonic()
            return self._state

    def _answers(self) -> bool:
        try:
            response = self._http.get("/models", timeout=self._timeout)
        except (HTTPError, ValueError):  # ValueError: a key that cannot be a header
            return False
        response.close()
        response.release_conn()
        # Some servers have no list of models, and answer questions nevertheless.
        return response.status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}
