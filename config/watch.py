"""What a worker looks at every few seconds for /metrics, in a thread of its own: whether it could
answer, how full the disk is, and what `check_ledger` has found. /metrics itself asks nobody, so it
answers at once whatever is away. Where nobody asks for /metrics, nothing is looked at.
"""

import contextlib
import logging
import os
import threading
import time

from django.conf import settings
from django.db import Error, connection

from chat import metrics
from chat.turns import ledger_checks
from config.views import health_checks

logger = logging.getLogger(__name__)

SECONDS = 15.0
_ASKED_WITHIN = 300.0  # seconds
# Its time is that of the last request for /metrics, which one of the workers has answered.
_ASKED = settings.DATA_DIR / "metrics_asked"
_WELL = {"ok": 1, "unavailable": 0, "not_writable": 0}  # `not_configured` has no sample


def start() -> None:
    metrics.models_offered(settings.CHAT_MODELS)
    servers = {one.name: [model.name for model in one.models] for one in settings.UPSTREAMS}
    metrics.servers_named(servers)
    threading.Thread(target=_loop, daemon=True).start()


def note_request() -> None:
    """Notes the time of a request for /metrics."""
    with contextlib.suppress(OSError):
        _ASKED.touch()


def is_asked() -> bool:
    try:
        return time.time() - _ASKED.stat().st_mtime < _ASKED_WITHIN
    except OSError:
        return False


def _loop() -> None:
    while True:
        while not is_asked():
            time.sleep(1)
        try:
            look()
        except Error as error:
            logger.warning("state not seen: %s", type(error).__name__)
        except Exception:
            logger.exception("looking at the state failed")
        finally:
            connection.close()
        time.sleep(SECONDS)


def look() -> None:
    for name, state in health_checks().items():
        if state in _WELL:
            metrics.is_ready(name, _WELL[state])
    disk = os.statvfs(settings.DATA_DIR)
    metrics.disk(size=disk.f_frsize * disk.f_blocks, free=disk.f_frsize * disk.f_bavail)
    ledger_checks.measure()
