"""Importing lines from a file: they are read, checked like submissions, compared with the board,
and added in batches.

The whole file is checked before its first line is added, without locks or an open transaction.
After a later failure, the batches that were added stay; importing the same file again adds the rest
(ADR 0023).

A file is CSV with a header (`csv_rows`), or JSON (`json_rows`), in one of several `encodings`. Its
fields are `quotes.columns.LOADED`: those of a submission, and the gloss of a new line. Other fields
are passed over and reported. Lines that exist already are not added: `filling` gives them what they
lack of a submission.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from config.batches import ROWS, batch, divided, paced
from quotes.board.submissions import lock_submitter
from quotes.importing.comparing import Compared, compare, differing, lacking
from quotes.importing.csv_rows import csv_rows
from quotes.importing.encodings import open_text
from quotes.importing.filling import fill_in
from quotes.importing.findings import (
    CheckedFile,
    Finding,
    ImportResult,
    PassedOver,
    UnreadableFile,
)
from quotes.importing.json_rows import json_rows
from quotes.importing.rows import Lines
from quotes.models import Quote, Review, State
from quotes.progress import Phase, Progress
from quotes.search.duplicates import find_similar, near_among, same_wording
from quotes.text.input import LoadedLine, guess_language
from quotes.text.normalization import skeleton_hash

if TYPE_CHECKING:
    from accounts.models import User

DEMO_FILE = Path(__file__).parents[1] / "fixtures" / "demo.jsonl"
CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})  # .txt is what Excel names tabs in UTF-16
BOARD_EMAIL = "board@daesa.invalid"  # a domain that no mail ever reaches (RFC 2606)


def is_csv(name: str) -> bool:
    """Whether a file of this name has CSV; otherwise it has JSON."""
    return Path(name).suffix.lower() in CSV_SUFFIXES


def check_path(path: Path) -> CheckedFile:
    """Reads and checks the file at `path`, which may be a pipe. Raises `UnreadableFile`."""
    try:
        with path.open("rb") as file:
            if file.seekable():
                return check_file(file, is_csv=is_csv(path.name))
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(file, copy)
                copy.seek(0)
                return check_file(cast("IO[bytes]", copy), is_csv=is_csv(path.name))
    except (OSError, UnreadableFile) as error:
        raise UnreadableFile(f"{path}: {error}") from error


def check_file(file: IO[bytes], *, is_csv: bool, progress: Progress | None = None) -> CheckedFile:
    """Reads and checks an open file, which can seek. Raises `UnreadableFile`."""
    progress = progress or Progress()
    checked, passed = CheckedFile(), PassedOver()
    by_hash = defaultdict[int, list[int]](list)
    text, encoding = open_text(file)
    try:
        lines = Lines(text)
        form, rows = csv_rows(lines, checked, passed) if is_csv else json_rows(lines, passed)
        checked.form = f"{encoding}, {form}"
        for number, row in paced(rows):
            progress.step(Phase.CHECK, number, 0)
            _check_row(checked, by_hash, number, row)
    finally:
        text.detach()  # the caller closes the file
    checked.passed = sorted([*checked.passed, *passed.findings()], key=lambda one: one.line)
    return checked


def import_lines(  # noqa: PLR0913 - each is a choice of its own
    *,
    lines: Mapping[int, Quote],
    owner: "User",
    apply: bool,
    near: bool = True,
    fill: bool = True,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Adds the lines (of a `CheckedFile`) that neither the owner nor the board has yet; with
    `dry_run` only reports what it would do.

    A line of the owner that was declined is not added again. `near` looks for lines that are nearly
    the same, which takes some milliseconds for each new line. With `fill`, what the owner's other
    lines lack is filled in, and they go back to review, also with `apply`. Each batch is a
    transaction of its own, so after a failure or an exception of `progress` the earlier batches
    stay.
    """
    progress = progress or Progress()
    compared = compare(lines, owner, fill=fill)
    new = {number: quote for number, quote in lines.items() if number not in compared.lines}
    similar = _near(new, owner, progress) if near else []
    if not dry_run:
        meanwhile = _add(new, owner, progress, apply=apply)
        new = {number: quote for number, quote in new.items() if number not in meanwhile.lines}
        filled = fill_in(compared.fillings, lines, owner, progress)
        compared = compared.without_fillings()
        compared.add(meanwhile)
        compared.add(filled)
    return compared.result(len(new), [one for one in similar if one.line in new])


def board_owner() -> "User":
    """The owner of lines that no user has submitted. Nobody can sign in as this user, even if an
    account with its address existed before.
    """
    users = get_user_model().objects
    owner, _made = users.get_or_create(
        email=BOARD_EMAIL, defaults={"nickname": "Daesa", "is_active": False, "password": "!"}
    )
    if owner.is_active or owner.has_usable_password():
        owner.is_active = False
        owner.set_unusable_password()
        owner.save(update_fields=["is_active", "password"])
    return owner


def _check_row(checked: CheckedFile, by_hash: dict[int, list[int]], number: int, row: Any) -> None:
    """`by_hash` has the numbers of the good lines by their skeleton hash."""
    if isinstance(row, Finding):
        checked.bad.append(row)
        return
    given = LoadedLine(data=row)
    if not given.is_valid():
        checked.bad += [
            Finding(number, " ".join(map(str, errors)), field=name)
            for name, errors in given.errors.items()
        ]
        return
    quote = Quote(**given.validated_data)
    same_hash = by_hash[skeleton_hash(quote.content)]
    lines = checked.lines
    first = next((n for n in same_hash if same_wording(quote.content, lines[n].content)), None)
    if first is not None:
        checked.repeated += _repeated(number, quote, first, lines[first])
        return
    same_hash.append(number)
    lines[number] = quote


def _repeated(number: int, quote: Quote, first: int, kept: Quote) -> list[Finding]:
    """Findings on `quote`, which repeats `kept`. What `kept` lacks is filled in from it."""
    values = lacking(kept, quote)
    for name, value in values.items():
        setattr(kept, name, value)
    text = _("repeats line %(number)d")
    if values:
        text = _("repeats line %(number)d, which gets this from it")
    found = [Finding(number, text % {"number": first}, ", ".join(values), other=first)]
    for name, theirs, ours in differing(kept, quote):
        text = _("“%(ours)s” was not taken, as line %(number)d has “%(theirs)s”")
        detail = text % {"number": first, "theirs": theirs, "ours": ours}
        found.append(Finding(number, detail, name, other=first))
    return found


def _near(lines: Mapping[int, Quote], owner: "User", progress: Progress) -> list[Finding]:
    found = []
    for done, (number, quote) in enumerate(paced(lines.items())):
        progress.step(Phase.COMPARE, done, len(lines))
        for similar in find_similar(quote.content, user=owner)[:1]:
            text = _("is like quote %(number)d: %(line)s")
            values = {"number": similar.quote.pk, "line": similar.quote}
            found.append(Finding(number, text % values, quote=similar.quote.pk))
    numbers = list(lines)
    for one, other in near_among([quote.content for quote in lines.values()]):
        progress.step(Phase.COMPARE, len(lines), len(lines))
        text = _("is like line %(number)d: %(line)s")
        values = {"number": numbers[other], "line": lines[numbers[other]]}
        found.append(Finding(numbers[one], text % values, other=numbers[other]))
    return sorted(found, key=lambda finding: finding.line)


def _add(lines: Mapping[int, Quote], owner: "User", progress: Progress, *, apply: bool) -> Compared:
    """Adds the lines, except those that others have added meanwhile, which it returns."""
    meanwhile = Compared()
    for place, numbers in enumerate(divided(list(lines), ROWS)):
        progress.step(Phase.ADD, place * ROWS, len(lines))
        new = {number: lines[number] for number in numbers}
        with batch():
            lock_submitter(owner)
            by_now = compare(new, owner, fill=False)
            quotes = [quote for number, quote in new.items() if number not in by_now.lines]
            _insert(quotes, owner, apply=apply)
            progress.changed(len(quotes))
        meanwhile.add(by_now)
    return meanwhile


def _insert(quotes: Sequence[Quote], owner: "User", *, apply: bool) -> None:
    now = timezone.now()
    for quote in quotes:
        quote.user = owner
        quote.language = quote.language or guess_language(quote.content)
        quote.is_apply, quote.applied_at = apply, now if apply else None
    Quote.objects.bulk_create(quotes)
    if apply:
        Review.objects.bulk_create(map(_applied, quotes))


def _applied(quote: Quote) -> Review:
    return Review(
        quote=quote, from_state=State.PENDING, to_state=State.APPLIED, version=quote.version
    )
