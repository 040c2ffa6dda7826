"""Making, keeping and deleting an export: an archive of all that a user has here.

It is made in the background and stored in the database in parts, so that every server of the site
can hand it out. A user has at most one; it is deleted after `KEPT`. One whose server died counts
as failed after `LOST_AFTER`.

    Conflict
    └── ExportIsRunning     409
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import trail
from accounts.export.archive import write_archive
from accounts.export.sections import files_of
from accounts.limits import rate_limits
from accounts.models import DataExport, DataExportPart, User
from config import background
from config.api.problems import Conflict
from config.batches import delete_in_batches
from config.db.connections import release_connection

KEPT = timedelta(days=3)
LOST_AFTER = timedelta(minutes=2)

State = DataExport.State
logger = logging.getLogger(__name__)


class ExportIsRunning(Conflict):
    default_code = "export_running"
    default_detail = _("Your data is being collected already.")


class TooLarge(Exception):  # noqa: N818
    pass


class Gone(Exception):  # noqa: N818
    """The export, or its user, was deleted meanwhile."""


def start(request: Request | HttpRequest, user: User) -> DataExport:
    """Replaces a former export. Raises `ExportIsRunning` or `TooManyAttempts`."""
    former = export_of(user)
    if former and former.state == State.RUNNING:
        raise ExportIsRunning
    rate_limits.spend(request, action="export", key=str(user.pk))
    delete(user)
    try:
        with transaction.atomic(durable=True):
            export = DataExport.objects.create(user=user)
    except IntegrityError:
        if User.objects.filter(pk=user.pk).exists():
            raise ExportIsRunning from None
        raise
    trail.record(user, trail.Kind.DATA_EXPORTED, request=request)
    background.run(partial(_run, request, export))
    return export


def export_of(user: User) -> DataExport | None:
    """The user's export. One whose server died is shown as failed, an expired one is not shown.
    Only reads, so that the request can be repeated when the database was lost.
    """
    export = DataExport.objects.filter(user=user).first()
    if export is None:
        return None
    now = timezone.now()
    if export.expires_at and export.expires_at <= now:
        return None
    if export.state == State.RUNNING and export.heartbeat_at < now - LOST_AFTER:
        export.state, export.error_code = State.FAILED, "interrupted"
        export.finished_at = export.heartbeat_at
    return export


def pieces_of(export: DataExport) -> Iterator[bytes]:
    """The archive; no database connection is held between two parts."""
    number = 0
    while data := _part(export, number):
        release_connection()
        yield data
        number += 1


def delete(user: User) -> None:
    delete_in_batches(DataExportPart.objects.filter(export__user=user).order_by("pk"))
    DataExport.objects.filter(user=user).delete()


def delete_expired() -> None:
    """A task of the sweep."""
    now = timezone.now()
    abandoned = DataExport.objects.filter(created_at__lt=now - 2 * KEPT)
    for export in [*DataExport.objects.filter(expires_at__lte=now)[:10], *abandoned[:10]]:
        delete(export.user)


def _part(export: DataExport, number: int) -> bytes | None:
    found = DataExportPart.objects.filter(export=export, number=number)
    data = found.values_list("data", flat=True).first()
    return None if data is None else bytes(data)


def _run(request: Request | HttpRequest, export: DataExport) -> None:
    try:
        size = write_archive(files_of(export.user), store=_Storing(export))
    except Gone:
        return
    except Exception as error:
        code = "too_large" if isinstance(error, TooLarge) else "server_error"
        _finish(export, state=State.FAILED, error_code=code)
        if isinstance(error, TooLarge):
            logger.warning("the export of user %s is too large", export.user_id)
            return
        raise
    now = timezone.now()
    if _finish(export, state=State.READY, size=size, finished_at=now, expires_at=now + KEPT):
        logger.info("export of user %s is ready: %d bytes", export.user_id, size)
        _tell(request, export.user)


def _finish(export: DataExport, **values: object) -> bool:
    running = DataExport.objects.filter(pk=export.pk, state=State.RUNNING)
    return bool(running.update(**{"finished_at": timezone.now(), **values}))


def _tell(request: Request | HttpRequest, user: User) -> None:
    if user.email:
        url = request.build_absolute_uri("/settings/data")
        get_adapter().send_mail("account/email/export_ready", user.email, {"url": url})


class _Storing:
    """Stores one part after the other. Raises `Gone` or `TooLarge`."""

    def __init__(self, export: DataExport) -> None:
        self._export = export
        self._number = self._size = 0

    def __call__(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > settings.EXPORT_MAX_SIZE:
            raise TooLarge
        with transaction.atomic(durable=True):
            own = DataExport.objects.filter(pk=self._export.pk, state=State.RUNNING)
            if not own.update(heartbeat_at=timezone.now()):
                raise Gone
            part = DataExportPart(export=self._export, number=self._number, data=data)
            part.save(force_insert=True)
        self._number += 1
        release_connection()
