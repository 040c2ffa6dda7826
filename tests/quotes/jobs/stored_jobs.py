"""Jobs that are stored and not started, and files for them."""

import json
import time
from datetime import timedelta

from django.utils import timezone

from quotes.jobs import runner
from quotes.models import StaffJob

PAGE = "/admin/quotes/staffjob/{}/change/"
IMPORT = {"is_csv": False, "check_only": False, "skip_bad": False}


def lines(count: int, *, start: int = 0) -> bytes:
    rows = ({"content": f"A line of its own {n}"} for n in range(start, start + count))
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def job_of(user, payload: bytes = b"", **columns) -> StaffJob:
    """A job that is stored and not started."""
    columns = {"kind": "import", "options": IMPORT, "language": "en", **columns}
    return StaffJob.objects.create(started_by=user, payload=payload, **columns)


def silent(job: StaffJob) -> None:
    """Changes the row to what a killed process leaves behind."""
    StaffJob.objects.filter(pk=job.pk).update(
        state="running",
        runner="of a process that is gone",
        heartbeat_at=timezone.now() - runner.LOST_AFTER - timedelta(seconds=1),
    )


def wait_until_finished() -> None:
    for _ in range(600):
        if not StaffJob.objects.filter(state__in=StaffJob.UNFINISHED).exists():
            return
        time.sleep(0.05)
    raise TimeoutError
