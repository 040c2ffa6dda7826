"""What is reported of a file and its rows. Texts of the file are shown shortened."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.text import one_line
from quotes.columns import LOADED
from quotes.models import Quote

SHOWN = 40  # characters of a text of the file
NAMED = 20  # columns of the file that are passed over and reported by name


class UnreadableFile(Exception):  # noqa: N818 - it says what happened
    """The file cannot be opened, or not be read to its end as what it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark on a line of the file. `quote` is the id of the similar line on the board, `other`
    the number of the similar line in the file. `field` names one column, or several with commas.
    """

    line: int
    detail: str
    field: str = ""
    quote: int | None = None
    other: int | None = None


@dataclass
class CheckedFile:
    """The good lines of a file by their line numbers, each once, and the findings on `bad` lines,
    on those that are `repeated` in the file, and on what was `passed` over or taken as blank.
    `form` says how the file was read. A line's language is "" where the file has none.
    """

    form: str = ""
    lines: dict[int, Quote] = field(default_factory=dict)
    bad: list[Finding] = field(default_factory=list)
    repeated: list[Finding] = field(default_factory=list)
    passed: list[Finding] = field(default_factory=list)

    @property
    def bad_lines(self) -> int:
        return len({finding.line for finding in self.bad})


@dataclass
class ImportResult:
    """How many lines were added, and the findings on lines that were `known` already, on those that
    `filled` what such a line lacked, on values that `differ` from those of such a line, and on
    lines that were added although they are `near` another line.
    """

    added: int
    known: list[Finding]
    filled: list[Finding]
    differ: list[Finding]
    near: list[Finding]


class PassedOver:
    """Counts what of a file is passed over. It keeps no more than `NAMED` names."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}  # the row where each unknown column is found first
        self._rows = Counter[str]()
        self._others = self._first_other = 0
        self._empty = self._first_empty = 0

    def unknown(self, line: int, name: str) -> None:
        name = shortened(name)
        if name not in self._first and len(self._first) == NAMED:
            self._first_other = self._first_other or line
            self._others += 1
            return
        self._first.setdefault(name, line)
        self._rows[name] += 1

    def empty(self, line: int, count: int = 1) -> None:
        self._first_empty = self._first_empty or line
        self._empty += count

    def findings(self) -> list[Finding]:
        found = [Finding(line, self._detail(name), name) for name, line in self._first.items()]
        if self._others:
            text = _("more columns that lines do not have (%(count)d times)")
            found.append(Finding(self._first_other, text % {"count": self._others}))
        if self._empty:
            text = ngettext("%(count)d empty row", "%(count)d empty rows", self._empty)
            found.append(Finding(self._first_empty, text % {"count": self._empty}))
        return found

    def _detail(self, name: str) -> str:
        count = self._rows[name]
        rows = _("in %(count)d rows") % {"count": count} if count > 1 else ""
        close = get_close_matches(name.casefold(), LOADED, n=1, cutoff=0.7)
        hint = _("did you mean “%(name)s”?") % {"name": close[0]} if close else ""
        return "; ".join(filter(None, [_("lines have no such column"), rows, hint]))


def shortened(text: str) -> str:
    """On one line, with at most `SHOWN` characters."""
    text = one_line(text[: 4 * SHOWN])
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def findings_by_kind(
    checked: CheckedFile, result: ImportResult
) -> Mapping[str, tuple[str, Sequence[Finding]]]:
    """A title for the reader, and the findings, by the name of their kind."""
    return {
        "bad": (_("Bad rows"), checked.bad),
        "passed": (_("Passed over, or taken as blank"), checked.passed),
        "repeated": (_("Repeated in the file"), checked.repeated),
        "known": (_("There already"), result.known),
        "filled": (_("What existing lines lack"), result.filled),
        "differ": (_("Differs from existing lines, not taken"), result.differ),
        "near": (_("Nearly the same as others"), result.near),
    }
