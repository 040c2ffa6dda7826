"""What a worker measures every few seconds for /metrics, in a thread of its own: whether database,
Redis and upstream answer, how full the disk is, and when the tasks of operators last succeeded.

/metrics itself makes no requests, so it answers at once even where one of these is unavailable.
While nobody requests /metrics, nothing is measured.
"""

import contextlib
import logging
import os
import threading
import time
from pathlib import Path

from django.conf import settings

from chat import metrics
from chat.turns import task_times
from config.background import one_round
from config.views import health_checks

logger = logging.getLogger(__name__)

SECONDS = 15.0
REQUESTED_WITHIN = 300.0  # seconds
_VALUES = {"ok": 1, "unavailable": 0, "not_writable": 0}  # `not_configured` has no sample


def start() -> None:
    metrics.models_offered(settings.CHAT_MODELS)
    servers = {one.name: [model.name for model in one.models] for one in settings.UPSTREAMS}
    metrics.servers_named(servers)
    threading.Thread(target=_loop, daemon=True).start()


def note_request() -> None:
    """Notes the time of a request for /metrics."""
    with contextlib.suppress(OSError):
        _last_request().touch()


def is_requested(*, within: float = REQUESTED_WITHIN) -> bool:
    """Whether /metrics was requested in the last `within` seconds."""
    try:
        return time.time() - _last_request().stat().st_mtime < within
    except OSError:
        return False


def _last_request() -> Path:
    """A file whose time is that of the last request to any of the workers."""
    return Path(settings.DATA_DIR) / "metrics_asked"


def _loop() -> None:
    while True:
        while not is_requested():
            time.sleep(1)
        with one_round(logger, "state not measured"):
            measure()
        time.sleep(SECONDS)


def measure() -> None:
    """Sets the gauges of this process."""
    for name, state in health_checks().items():
        if state in _VALUES:
            metrics.is_ready(name, _VALUES[state])
    disk = os.statvfs(settings.DATA_DIR)
    metrics.disk(size=disk.f_frsize * disk.f_blocks, free=disk.f_frsize * disk.f_bavail)
    task_times.measure()
