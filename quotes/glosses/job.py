"""The handler of jobs that ask for the glosses of lines that staff have chosen."""

import json
from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from quotes.glosses import asking
from quotes.glosses.asking import ModelAway
from quotes.glosses.write import Tally, read_chosen, write_glosses
from quotes.jobs.runner import JobFailed, Report
from quotes.models import StaffJob
from quotes.progress import Progress


def payload_of(keys: Iterable[int]) -> bytes:
    return json.dumps(list(keys)).encode()


def gloss_lines(job: StaffJob, progress: Progress) -> Report:
    """`job.payload` has the ids (`payload_of`). Lines with a gloss are left out, so a job that is
    taken up again asks only for the others. Raises `JobFailed`, and what `progress` raises.
    """
    if not asking.model():
        raise JobFailed(no_model())
    keys, tally = json.loads(bytes(job.payload)), Tally()
    try:
        for _ in write_glosses(read_chosen(keys), total=len(keys), tally=tally, progress=progress):
            pass
    except ModelAway as away:
        text = gettext("The model cannot be asked (%(why)s). %(count)d meanings are stored.")
        values = {"why": away, "count": _changed(job)}
        raise JobFailed(text % values) from away
    return Report(level="success", text=_text(_changed(job), tally))


def no_model() -> str:
    return gettext("There is no model to ask: the board answers alone.")


def _changed(job: StaffJob) -> int:
    """Includes those of an interrupted attempt."""
    job.refresh_from_db(fields=["changed"])
    return job.changed


def _text(count: int, tally: Tally) -> str:
    text = ngettext(
        "The meaning of %(count)d line is stored.",
        "The meanings of %(count)d lines are stored.",
        count,
    ) % {"count": count}
    if tally.without:
        more = gettext("For %(count)d lines the model gave no text that can be stored.")
        text = f"{text} {more % {'count': tally.without.total()}}"
    return text
