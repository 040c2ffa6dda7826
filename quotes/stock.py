"""A stock of lines from a file: read, checked as a submission is, compared with the board, and
loaded whole or not at all.

CSV with a header, or JSON lines, in UTF-8; the fields are those of a submission (`content`,
`speaker`, `source`, `context`, `language`), others are passed over. Loading the same file again
adds nothing.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from quotes.forms import skeleton_hash
from quotes.models import Quote, Review, State
from quotes.serializers import QuoteInput
from quotes.similar import find_similar, near_among, same_wording
from quotes.submissions import lock_submitter
from quotes.text import from_spreadsheet, guess_language

if TYPE_CHECKING:
    from accounts.models import User

DEMO = Path(__file__).parent / "fixtures" / "demo.jsonl"
BOARD_EMAIL = "board@daesa.invalid"  # a domain that no mail ever reaches (RFC 2606)

_AT_ONCE = 500

Row = tuple[int, Any]  # the number of its line in the file, and what stands there


class NoStock(Exception):  # noqa: N818 - it says what happened
    """The file cannot be read as a stock."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of a line of the file. `quote` is the id of the board's line that it is
    like, `other` the number of the file's.
    """

    line: int
    detail: str
    field: str = ""
    quote: int | None = None
    other: int | None = None


@dataclass
class Stock:
    """The good lines of a file by the numbers of their lines, each once, and what is said of the
    others: `bad` ones, and those that are `repeated` in the file.
    """

    lines: dict[int, Quote] = field(default_factory=dict)
    bad: list[Finding] = field(default_factory=list)
    repeated: list[Finding] = field(default_factory=list)

    @property
    def bad_lines(self) -> int:
        return len({finding.line for finding in self.bad})


@dataclass
class Loaded:
    """What came of it: how many lines were added, those that were `known`, and those that were
    added although they are `near` another.
    """

    added: int
    known: list[Finding]
    near: list[Finding]


def read_stock(path: Path) -> Stock:
    """Reads and checks a file. Raises `NoStock` when it isn't one."""
    try:
        with path.open("rb") as file:
            return read_lines(file, is_csv=path.suffix.lower() == ".csv")
    except (OSError, NoStock) as error:
        raise NoStock(f"{path}: {error}") from error


def read_lines(file: IO[bytes], *, is_csv: bool) -> Stock:
    """The same for an open file."""
    stock, same = Stock(), defaultdict[int, list[int]](list)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        for number, row in _csv_rows(text) if is_csv else _json_rows(text):
            _check(stock, same, number, row)
    except UnicodeDecodeError as error:
        raise NoStock(_("The file is not in UTF-8. Save it as UTF-8 text.")) from error
    except csv.Error as error:
        raise NoStock(str(error)) from error
    finally:
        text.detach()  # whoever opened the file closes it
    return stock


def load_stock(
    *, stock: Stock, owner: "User", apply: bool, near: bool = True, dry_run: bool = False
) -> Loaded:
    """Adds the lines that neither their owner nor the board has yet; with `dry_run` only says so.

    A line that was declined stays so: it is its owner's already. `near` looks for lines that are
    nearly the same, which takes some milliseconds for each new line.
    """
    new = dict(stock.lines)
    for finding in _known(new, owner):
        del new[finding.line]
    found = _near(new, owner) if near else []
    if dry_run:
        return Loaded(len(new), _known(stock.lines, owner), found)
    with transaction.atomic(durable=True):
        lock_submitter(owner)
        known = _known(stock.lines, owner)  # again, now that nobody else adds them
        for finding in known:
            new.pop(finding.line, None)
        _add(list(new.values()), owner, apply=apply)
    return Loaded(len(new), known, [finding for finding in found if finding.line in new])


def board_owner() -> "User":
    """The owner of lines that nobody has submitted. Nobody can sign in as this user, not even
    somebody who joined with its address before.
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


def _csv_rows(file: Iterable[str]) -> Iterator[Row]:
    reader = csv.DictReader(file, strict=True)
    if "content" not in (reader.fieldnames or ()):
        raise csv.Error(_("the header has no column “content”"))
    for row in reader:
        cells = {name: value for name, value in row.items() if isinstance(value, str) and value}
        yield reader.line_num, {name: from_spreadsheet(cell) for name, cell in cells.items()}


def _json_rows(file: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, error


def _check(stock: Stock, same: dict[int, list[int]], number: int, row: Any) -> None:
    """`same` holds the numbers of lines by the hash of their wording."""
    if isinstance(row, Exception):
        stock.bad.append(Finding(number, str(row)))
        return
    given = QuoteInput(data=row)
    if not given.is_valid():
        stock.bad += [
            Finding(number, " ".join(map(str, errors)), field=name)
            for name, errors in given.errors.items()
        ]
        return
    quote = Quote(**given.validated_data)
    quote.language = quote.language or guess_language(quote.content)
    alike = same[skeleton_hash(quote.content)]
    first = next((n for n in alike if same_wording(quote.content, stock.lines[n].content)), None)
    if first is not None:
        text = _("repeats line %(number)d") % {"number": first}
        stock.repeated.append(Finding(number, text, other=first))
        return
    alike.append(number)
    stock.lines[number] = quote


def _known(lines: Mapping[int, Quote], owner: "User") -> list[Finding]:
    """Lines whose wording the board or the owner's own lines have already."""
    there = Quote.objects.filter(Q(user=owner) | Q(is_apply=True))
    found: list[Finding] = []
    numbers = list(lines)
    for start in range(0, len(numbers), _AT_ONCE):
        some = {n: skeleton_hash(lines[n].content) for n in numbers[start : start + _AT_ONCE]}
        same = defaultdict[int, list[Quote]](list)
        for quote in there.filter(skeleton_hash__in=set(some.values())).only(
            "content", "skeleton_hash"
        ):
            same[quote.skeleton_hash].append(quote)
        for number, key in some.items():
            text = lines[number].content
            known = next((q for q in same[key] if same_wording(text, q.content)), None)
            if known is not None:
                detail = _("is there already as quote %(number)d") % {"number": known.pk}
                found.append(Finding(number, detail, quote=known.pk))
    return found


def _near(lines: Mapping[int, Quote], owner: "User") -> list[Finding]:
    found = []
    for number, quote in lines.items():
        for similar in find_similar(quote.content, user=owner)[:1]:
            text = _("is like quote %(number)d: %(line)s")
            values = {"number": similar.quote.pk, "line": similar.quote}
            found.append(Finding(number, text % values, quote=similar.quote.pk))
    numbers = list(lines)
    for one, other in near_among([quote.content for quote in lines.values()]):
        text = _("is like line %(number)d: %(line)s")
        values = {"number": numbers[other], "line": lines[numbers[other]]}
        found.append(Finding(numbers[one], text % values, other=numbers[other]))
    return sorted(found, key=lambda finding: finding.line)


def _add(quotes: Sequence[Quote], owner: "User", *, apply: bool) -> None:
    now = timezone.now()
    for quote in quotes:
        quote.user = owner
        quote.is_apply, quote.applied_at = apply, now if apply else None
    Quote.objects.bulk_create(quotes, batch_size=_AT_ONCE)
    if apply:
        Review.objects.bulk_create(map(_applied, quotes), batch_size=_AT_ONCE)


def _applied(quote: Quote) -> Review:
    return Review(
        quote=quote, from_state=State.PENDING, to_state=State.APPLIED, version=quote.version
    )
