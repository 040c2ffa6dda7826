"""Whether the upstream can be asked, without asking it anything that costs."""

import threading
import time
from http import HTTPStatus

from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from chat.upstream import endpoint, limits
from chat.upstream.endpoint import Endpoint

_lock = threading.Lock()
_known: dict[Endpoint, tuple[float, str]] = {}


def state() -> str:
    """`ok`, `unavailable` or `not_configured`; at most some seconds old."""
    target = endpoint.current()
    if not target.base_url:
        return "not_configured"
    if target.breaker.is_open:
        return "unavailable"
    with _lock:  # those who ask meanwhile share the result
        asked_at, known = _known.get(target, (0.0, ""))
        if not known or time.monotonic() - asked_at > limits.HEALTH_SECONDS:
            known = "ok" if _answers(target) else "unavailable"
            _known.clear()
            _known[target] = (time.monotonic(), known)
        return known


def _answers(target: Endpoint) -> bool:
    timeout = Timeout(connect=limits.HEALTH_TIMEOUT, read=limits.HEALTH_TIMEOUT)
    try:
        response = target.request("GET", "/models", headers={}, timeout=timeout)
    except (HTTPError, ValueError):  # a key that cannot be sent is a ValueError
        return False
    response.close()
    response.release_conn()
    # A server without that list is there all the same.
    return response.status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}
