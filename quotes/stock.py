"""A stock of lines from a file: read, checked as a submission is, and loaded once.

CSV with a header, or JSON lines; the fields are those of a submission (`content`, `speaker`,
`source`, `context`, `language`), others are passed over.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from quotes.models import Quote, Review, State
from quotes.serializers import QuoteInput
from quotes.submissions import lock_submitter
from quotes.text import guess_language

if TYPE_CHECKING:
    from accounts.models import User

DEMO = Path(__file__).parent / "fixtures" / "demo.jsonl"
BOARD_EMAIL = "board@daesa.invalid"  # a domain that no mail ever reaches (RFC 2606)

_AT_ONCE = 500

Row = tuple[int, Any]  # the number of its line in the file, and what stands there


class NoStock(Exception):  # noqa: N818 - it says what happened
    """The file cannot be read as a stock."""


@dataclass
class Stock:
    """The good lines of a file, each once; and of the others, what is wrong by line number."""

    lines: dict[str, Mapping[str, str]] = field(default_factory=dict)
    repeated: int = 0
    bad: dict[int, str] = field(default_factory=dict)


def read_stock(path: Path) -> Stock:
    """Reads and checks a file. Raises `NoStock` when it isn't one."""
    stock = Stock()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _csv_rows(file) if path.suffix.lower() == ".csv" else _json_rows(file)
            for number, row in rows:
                _check(stock, number, row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoStock(f"{path}: {error}") from error
    return stock


def load_stock(*, stock: Stock, owner: "User", apply: bool) -> int:
    """Adds the lines that neither their owner nor the board has yet, and returns how many.

    A line that was declined stays so: it is its owner's already.
    """
    with transaction.atomic(durable=True):
        lock_submitter(owner)
        known = _known(stock, owner)
        quotes = [
            _quote(line, owner, apply=apply)
            for content, line in stock.lines.items()
            if content not in known
        ]
        Quote.objects.bulk_create(quotes, batch_size=_AT_ONCE)
        if apply:
            Review.objects.bulk_create(map(_applied, quotes), batch_size=_AT_ONCE)
    return len(quotes)


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
        yield reader.line_num, {name: value for name, value in row.items() if value}


def _json_rows(file: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                yield number, error


def _check(stock: Stock, number: int, row: Any) -> None:
    if isinstance(row, ValueError):
        stock.bad[number] = str(row)
        return
    given = QuoteInput(data=row)
    if not given.is_valid():
        stock.bad[number] = "; ".join(
            f"{name}: {' '.join(map(str, errors))}" for name, errors in given.errors.items()
        )
    elif given.validated_data["content"] in stock.lines:
        stock.repeated += 1
    else:
        stock.lines[given.validated_data["content"]] = given.validated_data


def _known(stock: Stock, owner: "User") -> set[str]:
    there = Quote.objects.filter(Q(user=owner) | Q(is_apply=True))
    contents = list(stock.lines)
    known: set[str] = set()
    for start in range(0, len(contents), _AT_ONCE):
        some = contents[start : start + _AT_ONCE]
        known.update(there.filter(content__in=some).values_list("content", flat=True))
    return known


def _quote(line: Mapping[str, str], owner: "User", *, apply: bool) -> Quote:
    quote = Quote(user=owner, **line)
    quote.language = quote.language or guess_language(quote.content)
    if apply:
        quote.is_apply, quote.applied_at = True, timezone.now()
    return quote


def _applied(quote: Quote) -> Review:
    return Review(
        quote=quote, from_state=State.PENDING, to_state=State.APPLIED, version=quote.version
    )
