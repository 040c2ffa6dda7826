"""Starting jobs, running them, and resuming those whose process has stopped sending heartbeats.

Conflict           (409)
└── JobUnfinished  the user's last job is not finished
Exception
├── JobCancelled   the user has cancelled the job
├── LostJob        another process has resumed the job, or its row was deleted
└── JobFailed      the work cannot be done; the user reads the text
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import uuid4

from django.db import Error, IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict
from config.db.connections import release_connection
from config.db.constraints import violates
from quotes.models import StaffJob
from quotes.progress import Phase, Progress

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
LOST_AFTER = timedelta(seconds=25)
KEPT = timedelta(days=30)
MAX_ATTEMPTS = 5  # so that a job that kills its process does not kill one after another

State = StaffJob.State


class Report(TypedDict, total=False):
    """What the page of a finished job shows. `level` is a message's (`success`, `error`, …)."""

    level: str
    text: str
    tables: list[dict[str, Any]]


Handler = Callable[[StaffJob, Progress], Report]
_handlers: dict[str, Handler] = {}


class JobUnfinished(Conflict):
    default_code = "job_unfinished"
    default_detail = _("Your last job is not finished. Wait for it, or cancel it.")


class JobCancelled(Exception):  # noqa: N818 - these say what happened
    pass


class LostJob(Exception):  # noqa: N818
    pass


class JobFailed(Exception):  # noqa: N818
    pass


class JobProgress(Progress):
    """Stores the progress of a job, at most once in `BEAT_SECONDS` and with each batch."""

    def __init__(self, pk: int, token: str) -> None:
        self._mine = StaffJob.objects.filter(pk=pk, runner=token, state=State.RUNNING)
        self._stored_at = float("-inf")
        self._phase = ""

    def step(self, phase: Phase, done: int, total: int) -> None:
        """Raises `JobCancelled` or `LostJob`."""
        if phase == self._phase and monotonic() - self._stored_at < BEAT_SECONDS:
            return
        self._phase, self._stored_at = phase, monotonic()
        self._store(phase=phase, done=done, total=total)
        release_connection()

    def changed(self, count: int) -> None:
        """Raises `JobCancelled` or `LostJob`, which rolls the batch back."""
        self._store(changed=F("changed") + count)

    def _store(self, **columns: Any) -> None:
        now = timezone.now()
        if self._mine.filter(cancel_requested=False).update(heartbeat_at=now, **columns):
            return
        raise JobCancelled if self._mine.exists() else LostJob


def register(kind: str, handler: Handler) -> None:
    """Sets the function that does the jobs of this kind; called when the apps are ready."""
    _handlers[kind] = handler


def start_job(
    *, kind: str, started_by: "User", payload: bytes, options: Mapping[str, Any] | None = None
) -> StaffJob:
    """Stores a job and runs it in a thread of this process. Raises `JobUnfinished`: each user has
    one job at a time, also on concurrent requests.
    """
    finished(timezone.now()).filter(started_by=started_by).delete()
    job = StaffJob(
        kind=kind,
        started_by=started_by,
        payload=payload,
        options=dict(options or {}),
        language=get_language() or "",
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError as error:
        if violates(error, StaffJob, "staffjob_one_at_a_time"):
            raise JobUnfinished from None
        raise
    transaction.on_commit(lambda: begin(job.pk))
    return job


def finished(now: datetime) -> "QuerySet[StaffJob]":
    """The jobs that ended so long ago that they may be deleted."""
    return StaffJob.objects.filter(finished_at__lt=now - KEPT)


def cancel_job(job: StaffJob) -> None:
    """Requests the end of a job; the batches that are done stay. A job without a running process
    ends at once.
    """
    unfinished = StaffJob.objects.filter(pk=job.pk, state__in=StaffJob.UNFINISHED)
    unfinished.update(cancel_requested=True)
    _lost(LOST_AFTER).filter(pk=job.pk).update(
        state=State.CANCELLED, runner="", payload=b"", finished_at=timezone.now()
    )


def take_up(*, silent_for: timedelta = LOST_AFTER) -> int:
    """Resumes the jobs without a heartbeat for `silent_for`; returns how many."""
    keys = list(_lost(silent_for).values_list("pk", flat=True))
    for pk in keys:
        begin(pk, silent_for=silent_for)
    return len(keys)


def begin(pk: int, *, silent_for: timedelta = LOST_AFTER) -> None:
    threading.Thread(target=_run_in_thread, args=(pk, silent_for), daemon=True).start()


def _run_in_thread(pk: int, silent_for: timedelta) -> None:
    try:
        run(pk, silent_for=silent_for)
    except Exception:
        logger.exception("job %s failed", pk)
    finally:
        connection.close()


def run(
    pk: int,
    *,
    silent_for: timedelta = LOST_AFTER,
    progress_class: type[JobProgress] = JobProgress,
) -> None:
    """Runs a job, unless another process does."""
    token = uuid4().hex
    waiting = StaffJob.objects.filter(pk=pk, state=State.WAITING)
    if not (_claim(waiting, token) or _claim(_lost(silent_for).filter(pk=pk), token)):
        return
    job = StaffJob.objects.select_related("started_by").get(pk=pk)
    release_connection()
    with override(job.language or None):
        try:
            _end(job, token, State.DONE, _call_handler(job, progress_class(pk, token)))
        except JobCancelled:
            _end(job, token, State.CANCELLED, _report_of_cancelled(pk))
        except JobFailed as failed:
            _end(job, token, State.FAILED, Report(level="error", text=str(failed)))
        except LostJob:
            logger.info("job %s is carried out elsewhere", pk)
        except Error as error:
            # Without heartbeats, the job is resumed once the database answers again.
            logger.warning("job %s broken off: %s", pk, type(error).__name__)


def _report_of_cancelled(pk: int) -> Report:
    text = gettext("Cancelled. %(count)d lines were changed before.")
    count = StaffJob.objects.values_list("changed", flat=True).get(pk=pk)
    return Report(level="warning", text=text % {"count": count})


def _call_handler(job: StaffJob, progress: Progress) -> Report:
    if job.attempts > MAX_ATTEMPTS:
        raise JobFailed(gettext("Stopped after several failed attempts. See the log for details."))
    try:
        return _handlers[job.kind](job, progress)
    except (JobCancelled, LostJob, JobFailed, Error):
        raise
    except Exception as error:
        logger.exception("job %s failed", job.pk)
        raise JobFailed(gettext("The server failed. The failure has been logged.")) from error


def _lost(silent_for: timedelta) -> Any:
    silent = Q(heartbeat_at__lt=timezone.now() - silent_for)
    return StaffJob.objects.filter(silent, state__in=StaffJob.UNFINISHED)


def _claim(jobs: Any, token: str) -> bool:
    """Whether this process has got the job: one conditional UPDATE, so only one process does."""
    return bool(
        jobs.update(
            state=State.RUNNING,
            runner=token,
            heartbeat_at=timezone.now(),
            attempts=F("attempts") + 1,
        )
    )


def _end(job: StaffJob, token: str, state: str, report: Report) -> None:
    StaffJob.objects.filter(pk=job.pk, runner=token, state=State.RUNNING).update(
        state=state, report=report, payload=b"", finished_at=timezone.now()
    )
