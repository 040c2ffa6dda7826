"""Pairs of quotation marks in a text that was read: straight, curly, Korean and other marks, also
mixed ones, unpaired ones, and pairs over several paragraphs. The text is read once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from config.budget import Budget
from quotes.verification.reading import Passage, Reading

_CLOSED_BY = {
    "“": '”"‟',
    "„": "“”‟",
    "‟": "”",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    "≪": "≫",
    "｢": "｣",
    "`": "'’`",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "＂": "＂",
    "〝": "〞〟",
    "‘": "’'",
    '"': '"”',
    "'": "'’",
}
TITLES = frozenset("「『《〈")  # in Korean, also around the titles of works
_SINGLE = frozenset("‘'`")
_ONE_SIDED = frozenset("“„«「『《〈〝‘≪｢`")  # these only open
_MARK = re.compile(f"[{''.join({*_CLOSED_BY, *''.join(_CLOSED_BY.values())})}]")
_AHEAD = 4  # paragraphs after the one of an opening mark, in which it may close
_MOST = 1000  # pairs in a piece of text; what has more is not made of quotations
_DEEPEST = 12  # marks inside each other; no text has more

# Where one letter follows another without a space, a mark between them is an apostrophe, but not in
# scripts in which quotations stand directly beside words: '…'라는.
_BESIDE = frozenset(
    map(chr, [*range(0x3040, 0x3100), *range(0x3400, 0xA000), *range(0xAC00, 0xD7A4)])
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The marks of a quotation: the places of the opening and of the closing one in the text.

    Where one of them is missing, its place is the end of the paragraph, and `is_whole` is false.
    But a quotation of several paragraphs has an opening mark in each, a closing one in the last.
    """

    opening: int
    closing: int
    mark: str
    is_whole: bool = True


def find_pairs(reading: Reading, budget: Budget) -> list[Pair]:
    """In the order of their opening marks. Raises `OutOfTime`."""
    if not _MARK.search(reading.text):
        return []
    pairs: list[Pair] = []
    for _, passages in groupby(enumerate(reading.passages), _flow):
        budget.check()
        pairs += _Flow(reading.text, [passage for _, passage in passages]).pairs(budget)
    return sorted(pairs, key=lambda pair: (pair.opening, -pair.closing))


def _flow(numbered: tuple[int, Passage]) -> object:
    """Over which passages a quotation can go on."""
    number, passage = numbered
    if passage.kind in {"cell", "heading"}:
        return number
    return passage.quote, passage.item


class _Flow:
    """The passages over which a pair can go on, and the marks that are open in them."""

    def __init__(self, text: str, passages: Sequence[Passage]) -> None:
        self._text = text
        self._passages = passages
        self._open: list[tuple[str, int]] = []
        self._found: list[Pair] = []

    def pairs(self, budget: Budget) -> list[Pair]:
        for number, passage in enumerate(self._passages):
            for at in _marks(self._text, passage.start, passage.end):
                budget.check()
                self._read(at, passage)
                if len(self._found) > _MOST:
                    budget.is_exceeded = True
                    return self._found
            self._end(number)
        return self._found

    def _read(self, at: int, passage: Passage) -> None:
        mark = self._text[at]
        before = self._text[at - 1] if at > passage.start else " "
        after = self._text[at + 1] if at + 1 < passage.end else " "
        if _is_apostrophe(mark, before, after):
            return
        if self._may_close(mark, at, before, after):
            self._close(mark, at)
        elif _may_open(mark, before, after) and len(self._open) < _DEEPEST:
            self._open.append((mark, at))
        elif mark in "”»」』" and not self._open:
            self._found.append(Pair(passage.start - 1, at, mark, is_whole=False))

    def _may_close(self, mark: str, at: int, before: str, after: str) -> bool:
        if not any(mark in _CLOSED_BY[opening] for opening, _ in self._open):
            return False
        if mark in _ONE_SIDED and mark not in "“«":
            return False
        if mark in "'’`" and self._open[-1][1] == at - 1:
            return False  # ‘’tis so’, and TeX's ``''
        # “…“ and »…» are also opening marks: they close where a word ends.
        is_at_the_end = not before.isspace() and before not in "([{"
        if mark in "\"'“«»‹›":
            return is_at_the_end or after.isspace()
        return True

    def _close(self, mark: str, at: int) -> None:
        while self._open:
            opening, place = self._open.pop()
            if mark in _CLOSED_BY[opening]:
                if at > place + 1:
                    self._found.append(Pair(place, at, opening))
                return

    def _end(self, number: int) -> None:
        """At the end of a paragraph, marks stay open if they close soon."""
        end = self._passages[number].end
        following = self._passages[number + 1 : number + 1 + _AHEAD]
        kept: list[tuple[str, int]] = []
        for mark, at in self._open:
            if mark in _SINGLE:
                continue
            if following and self._text.startswith(mark, following[0].start):
                self._found.append(Pair(at, end, mark))
            elif self._closes_in(mark, following):
                kept.append((mark, at))
            elif mark not in TITLES:
                self._found.append(Pair(at, end, mark, is_whole=False))
        self._open = kept

    def _closes_in(self, mark: str, passages: Sequence[Passage]) -> bool:
        for passage in passages:
            for at in _marks(self._text, passage.start, passage.end):
                if self._text[at] in _CLOSED_BY[mark]:
                    before = self._text[at - 1] if at > passage.start else " "
                    return not before.isspace()
                if self._text[at] == mark:
                    return False
        return False


def _marks(text: str, start: int, end: int) -> Iterator[int]:
    return (mark.start() for mark in _MARK.finditer(text, start, end))


def _is_apostrophe(mark: str, before: str, after: str) -> bool:
    """Also the marks of feet and inches: 5'11"."""
    if mark in "'’" and _is_word(before) and _is_word(after):
        return True
    return mark in "'\"" and before.isdigit() and not after.isalpha() and after != " "


def _is_word(character: str) -> bool:
    return character.isalnum() and character not in _BESIDE


def _may_open(mark: str, before: str, after: str) -> bool:
    if mark == "`" == after:
        return False  # the second of TeX's ``
    if mark in _ONE_SIDED:
        return True  # also before a space: « ainsi »
    if mark not in _CLOSED_BY or after.isspace():
        return False
    return not _is_word(before) and after not in ".,;:!?)]}"
