"""Which lines of a file are there already, and what those lack that the file has.

A line is there if the board, or its owner in any state, has one with the same wording. Only the
owner's own lines are filled, as nobody changes what other users have submitted, and not those that
were declined.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from config.batches import divided, paced
from quotes.columns import LOADED, SUBMITTED
from quotes.importing.findings import Finding, ImportResult, shortened
from quotes.models import Quote
from quotes.search.duplicates import adds_nothing, same_wording
from quotes.text.normalization import skeleton_hash

if TYPE_CHECKING:
    from accounts.models import User

FILLED = tuple(name for name in SUBMITTED if name != "content")


@dataclass(frozen=True, slots=True)
class Filling:
    """What a line of the file has for the columns that are blank in `quote`."""

    line: int
    quote: Quote
    values: Mapping[str, str]
    on_board: bool  # before

    def finding(self) -> Finding:
        text = _("quote %(number)d lacks this; once filled in, it waits for review")
        if self.on_board:
            text = _(
                "quote %(number)d lacks this; once filled in, it is off the board until it is "
                "reviewed"
            )
        detail = text % {"number": self.quote.pk}
        return Finding(self.line, detail, ", ".join(self.values), quote=self.quote.pk)


@dataclass
class Compared:
    """The lines that are there already: `known` and nothing to do, or with a filling. `differ` are
    the values of either that are not those of the existing line.
    """

    known: list[Finding] = field(default_factory=list)
    differ: list[Finding] = field(default_factory=list)
    fillings: list[Filling] = field(default_factory=list)

    @property
    def lines(self) -> set[int]:
        return {one.line for one in self.known} | {one.line for one in self.fillings}

    def add(self, other: "Compared") -> None:
        self.known += other.known
        self.differ += other.differ
        self.fillings += other.fillings

    def without_fillings(self) -> "Compared":
        filled = {one.line for one in self.fillings}
        return Compared(self.known, [one for one in self.differ if one.line not in filled])

    def result(self, added: int, near: list[Finding]) -> ImportResult:
        known, differ, filled = (
            sorted(found, key=lambda finding: finding.line)
            for found in (self.known, self.differ, [one.finding() for one in self.fillings])
        )
        return ImportResult(added, known, filled, differ, near)


def lacking(quote: Quote, given: Quote) -> dict[str, str]:
    """What `given` has in the columns that are blank in `quote`."""
    values = {name: getattr(given, name) for name in FILLED if not getattr(quote, name)}
    return {name: value for name, value in values.items() if value}


def differing(quote: Quote, given: Quote) -> Iterator[tuple[str, str, str]]:
    """The columns in which both have values that differ, not only in punctuation and case: the
    name, and both values for a finding.
    """
    for name in FILLED:
        theirs, ours = getattr(quote, name), getattr(given, name)
        if theirs and ours and not same_wording(theirs, ours):
            yield name, shortened(theirs), shortened(ours)


def compare(lines: Mapping[int, Quote], owner: "User", *, fill: bool) -> Compared:
    """Compares the lines of a file with those of the board and of the owner."""
    compared = Compared()
    existing = Quote.objects.filter(Q(user=owner) | Q(is_apply=True)).order_by("-is_apply", "pk")
    columns = (*LOADED, "skeleton_hash", "user", "version", "is_apply", "declined_at")
    for numbers in paced(divided(list(lines))):
        hashes = {n: skeleton_hash(lines[n].content) for n in numbers}
        by_hash = defaultdict[int, list[Quote]](list)
        for quote in existing.filter(skeleton_hash__in=set(hashes.values())).only(*columns):
            by_hash[quote.skeleton_hash].append(quote)
        for number, key in hashes.items():
            given = lines[number]
            same = [q for q in by_hash[key] if same_wording(given.content, q.content)]
            if same:
                _compare(compared, number, given, same, owner if fill else None)
    return compared


def _compare(
    compared: Compared, number: int, given: Quote, same: Sequence[Quote], owner: "User | None"
) -> None:
    """`same` have the wording of `given`; those of the owner may be filled."""
    quote = _closest(given, same, owner)
    values = lacking(quote, given)
    compared.differ += [
        Finding(number, _difference(quote, theirs, ours), name, quote=quote.pk)
        for name, theirs, ours in differing(quote, given)
    ]
    if values and _may_fill(quote, owner):
        repeated = _line_it_would_repeat(quote, values, same)
        if repeated is None:
            compared.fillings.append(Filling(number, quote, values, quote.is_apply))
            return
        quote, values = repeated, lacking(repeated, given)
    compared.known.append(_known(number, quote, ", ".join(values) if owner else "", owner))


def _closest(given: Quote, same: Sequence[Quote], owner: "User | None") -> Quote:
    """One that has all that is given; or else one that may be filled; or else the first."""
    for quote in same:
        if not lacking(quote, given) and not any(differing(quote, given)):
            return quote
    return next((quote for quote in same if _may_fill(quote, owner)), same[0])


def _may_fill(quote: Quote, owner: "User | None") -> bool:
    return owner is not None and quote.user_id == owner.pk and quote.declined_at is None


def _line_it_would_repeat(
    quote: Quote, values: Mapping[str, str], same: Sequence[Quote]
) -> Quote | None:
    """A line to which the filled one would add nothing: an edit that makes it is refused, too."""
    filled = copy(quote)
    for name, value in values.items():
        setattr(filled, name, value)
    others = (one for one in same if one.pk != quote.pk and one.declined_at is None)
    return next((one for one in others if adds_nothing(filled, one)), None)


def _known(number: int, quote: Quote, lacks: str, owner: "User | None") -> Finding:
    text = _("is there already as quote %(number)d")
    if lacks and owner and quote.user_id != owner.pk:
        text = _("is there already as quote %(number)d of another user, which is not filled in")
    elif lacks and quote.declined_at:
        text = _("is there already as quote %(number)d, which was declined and is not filled in")
    return Finding(number, text % {"number": quote.pk}, lacks, quote=quote.pk)


def _difference(quote: Quote, theirs: str, ours: str) -> str:
    text = _("“%(ours)s” was not taken, as quote %(number)d has “%(theirs)s”")
    return text % {"number": quote.pk, "theirs": theirs, "ours": ours}
