"""Deleting what has expired: `manage.py prune`, and each web process once an hour, by a lease.
All of it in short transactions with pauses (`config.batches`).
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import Error, models
from django.utils import timezone

from accounts import expiry
from chat.attachments import discarding
from chat.history.deletion import delete_inactive, delete_temporary
from chat.models import FormerUsage, IdempotencyKey
from chat.stored import lookup
from config.api.idempotency import KEPT_FOR
from config.batches import delete_in_batches
from quotes.jobs import runner as jobs

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


def prune() -> dict[str, int]:
    """Returns how many of each were deleted; -1 where it failed, which stops no other."""
    deleted: dict[str, int] = {}
    for name, task in _tasks(timezone.now()).items():
        try:
            deleted[name] = task()
        except Error as error:
            logger.warning("%s not deleted: %s", name, type(error).__name__)
            deleted[name] = -1
    if found := {name: count for name, count in deleted.items() if count > 0}:
        logger.info("deleted what has expired: %s", found)
    return deleted


def _tasks(now: datetime) -> dict[str, Callable[[], int]]:
    keys = IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR)
    usage = FormerUsage.objects.filter(day__lt=timezone.localdate(now))
    tasks: dict[str, models.QuerySet[Any]] = {
        **expiry.expired(now),
        "finished staff jobs": jobs.finished(now),
        "idempotency keys": keys,
        "stored answers": lookup.expired(now),
        "usage of deleted accounts": usage,
    }
    return {
        **{name: _deleting(rows) for name, rows in tasks.items()},
        "downloads of data": expiry.delete_exports,
        "uploads without a question": discarding.delete_waiting,
        "contents of files": discarding.delete_discarded,
        "inactive conversations": delete_inactive,
        "temporary conversations": delete_temporary,
    }


def _deleting(rows: models.QuerySet[Any]) -> Callable[[], int]:
    return lambda: delete_in_batches(rows.order_by("pk"))
