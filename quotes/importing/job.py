"""The handler of import jobs. The lines become submissions of the user who started the job, so
another reviewer decides on them.
"""

import io
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext, ngettext

from quotes.importing.findings import (
    CheckedFile,
    ImportResult,
    UnreadableFile,
    findings_by_kind,
)
from quotes.importing.importer import check_file, import_lines
from quotes.jobs.runner import JobFailed, Report
from quotes.models import StaffJob
from quotes.progress import Progress

MAX_LINES = 20_000  # `load_quotes` has no such limit
SHOWN = 200  # findings of each kind


def import_file(job: StaffJob, progress: Progress, *, max_lines: int = MAX_LINES) -> Report:
    """`job.payload` is the file; `job.options` are `is_csv`, `check_only` and `skip_bad`. Raises
    `JobFailed`, and what `progress` raises.
    """
    try:
        checked = check_file(
            io.BytesIO(job.payload), is_csv=job.options["is_csv"], progress=progress
        )
    except UnreadableFile as error:
        raise JobFailed(str(error)) from error
    if len(checked.lines) > max_lines:
        text = gettext("The file has more than %d lines. Use manage.py load_quotes.")
        raise JobFailed(text % max_lines)
    has_bad = checked.bad_lines > 0 and not job.options["skip_bad"]
    check_only = bool(job.options["check_only"])
    result = import_lines(
        lines=checked.lines,
        owner=job.started_by,
        apply=False,
        dry_run=check_only or has_bad,
        progress=progress,
    )
    level, text = _message(job, result, check_only=check_only, has_bad=has_bad)
    done = not (check_only or has_bad)
    sentences = [text, *_more(result, checked, done=done)]
    return Report(level=level, text=" ".join(sentences), tables=list(_tables(checked, result)))


def _message(
    job: StaffJob, result: ImportResult, *, check_only: bool, has_bad: bool
) -> tuple[str, str]:
    if check_only:
        text = ngettext(
            "%d line would be added; nothing has changed.",
            "%d lines would be added; nothing has changed.",
            result.added,
        )
        return "info", text % result.added
    if has_bad:
        return "error", gettext("Nothing was loaded, because some rows are bad.")
    job.refresh_from_db(fields=["changed"])  # includes those of an interrupted attempt
    text = ngettext(
        "%d line was added and waits for review.",
        "%d lines were added and wait for review.",
        job.changed,
    )
    return "success", text % job.changed


def _more(result: ImportResult, checked: CheckedFile, *, done: bool) -> Iterator[str]:
    count = len(result.filled)
    if count and done:
        text = ngettext(
            "%d line got what it lacked and waits for review.",
            "%d lines got what they lacked and wait for review.",
            count,
        )
        yield text % count
    elif count:
        text = ngettext(
            "%d line would get what it lacks and wait for review.",
            "%d lines would get what they lack and wait for review.",
            count,
        )
        yield text % count
    yield gettext("The file was read as %(form)s.") % {"form": checked.form}


def _tables(checked: CheckedFile, result: ImportResult) -> Any:
    for title, found in findings_by_kind(checked, result).values():
        if found:
            shown = [asdict(finding) for finding in found[:SHOWN]]
            yield {"title": title, "count": len(found), "findings": shown}
