"""The handler of jobs that delete lines with their history and likes."""

import json
from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from config.batches import ROWS, batch, divided
from quotes.jobs.runner import Report
from quotes.models import Quote, StaffJob
from quotes.progress import Phase, Progress


def payload_of(keys: Iterable[int]) -> bytes:
    return json.dumps(list(keys)).encode()


def delete_lines(job: StaffJob, progress: Progress) -> Report:
    """`job.payload` has the ids (`payload_of`), so that lines added later stay."""
    keys = json.loads(bytes(job.payload))
    for place, ids in enumerate(divided(keys)):
        progress.step(Phase.DELETE, place * ROWS, len(keys))
        with batch():
            _total, by_model = Quote.objects.filter(pk__in=ids).delete()
            progress.changed(by_model.get(Quote._meta.label, 0))  # noqa: SLF001
    job.refresh_from_db(fields=["changed"])
    text = ngettext("%d line is deleted.", "%d lines are deleted.", job.changed) % job.changed
    if job.changed < len(keys):
        text = f"{text} {gettext('The others were no longer there.')}"
    return Report(level="success", text=text)
