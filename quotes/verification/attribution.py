"""Whether an answer names another speaker of a quoted line than the board does.

A note needs evidence, since a wrong note is worse than none:

- A name in a form that can only be a credit ("…" — Hamlet) decides alone. In a sentence, where
  other names may stand, no name counts if the line's own speaker or work is near.
- A name counts if the board has it as the speaker of other lines; an unknown one only if its form
  leaves no doubt that it is a person's and the line has no work, whose author it may be.
- A line may be said by a character (`_may_be_character`) and credited to the author of the work.
  Then only another character counts.
- Names in another script than the line's speaker are compared only where it is certain who they
  are (`across_scripts`): Shakespeare is 셰익스피어, and Confucius is 공자.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from quotes.columns import BoardLine
from quotes.verification import names
from quotes.verification.across_scripts import is_near
from quotes.verification.forms import (
    DENIAL,
    Named,
    credit_in,
    credits_of,
    labels_of,
    prose_of,
    sentence_before,
)
from quotes.verification.own_names import Own
from quotes.verification.reading import Range, Reading
from quotes.verification.spans import MARKED, Span
from quotes.verification.speakers import Speakers
from quotes.verification.surroundings import AROUND, Context, Surroundings, outside

_ID = re.compile(r"[”\"'」’»\s.,)]{0,4}\[(?P<id>\d{1,18})\]")


class Attributed(NamedTuple):
    """A span, and all lines of the board with its words: the speaker of each is right."""

    span: Span
    lines: Sequence[BoardLine]


def wrongly_attributed(
    found: Sequence[Attributed],
    reading: Reading,
    shown: Sequence[BoardLine],
) -> set[Span]:
    """The spans whose line the answer attributes to another speaker than the board does. `shown`
    are the lines that the model was given.
    """
    context, named = Context(reading), dict[Span, tuple[Own, list[Named]]]()
    for span, lines in found:
        own = Own.of(lines)
        if own.speakers and (
            others := _others(span, context.around(span), own, behind(context, reading, span))
        ):
            named[span] = own, others
    if not named:
        return set()
    board = Speakers.of(named.values(), shown)
    return {
        span
        for span, (own, others) in named.items()
        if any(board.is_another(one, own) for one in others)
    }


def cited_id(reading: Reading, span: Span) -> int | None:
    """The id of a line in square brackets after a span."""
    stop = outside(reading, span)[1]
    cited = _ID.match(reading.text, stop, stop + AROUND)
    return int(cited["id"]) if cited else None


def credits_in(text: str, begin: int, stop: int) -> list[Range]:
    """The places of what credits words, inside a block quote or quotation marks: lines that are a
    name behind a dash or in parentheses, the same at the end of a line, and names before speeches.
    """
    if not _MAY_CREDIT.search(text, begin, stop):
        return []
    lines = list(_lines(text, begin, stop))
    speeches = sum(bool(_speaker_of_speech(line)) for _, line in lines)
    found: list[Range] = []
    has_words = False
    for at, line in lines:
        place = (_credit_line(line) if has_words else None) or _tail(line)
        label = _speaker_of_speech(line, is_certain=speeches > 1)
        if label and (not place or _is_in_label(place, label, line)):
            place = label
        if place:
            found.append((at + place[0], at + place[1]))
        has_words = has_words or bool(line.strip() and not place) or bool(place and place[0])
    return found


def _is_in_label(place: Range, label: Range, line: str) -> bool:
    """Whether a dash belongs to the name before a speech ("The Judge — Portia: The quality of mercy
    is not strained"), and does not credit what stands before it.
    """
    return label[0] < place[0] < label[1] and not _is_credit(line[label[1] :].strip())


def _lines(text: str, begin: int, stop: int) -> Iterator[tuple[int, str]]:
    at = begin
    for line in text[begin:stop].split("\n"):
        yield at, line
        at += len(line) + 1


_MAY_CREDIT = re.compile(r"[-–—―~(\[:：]")  # every credit in quoted words has one of these
_LINE = re.compile(
    r"\s*(?:[-–—―~]+\s*(?P<dash>\S.{0,79})|[(\[](?P<parenthesis>[^()\[\]]{1,80})[)\]])\s*\Z"
)
_TAIL = re.compile(
    r"(?:(?<=\s)[-–—―]{1,2}\s|[–—―]|\()"
    r"(?P<credit>[^\n–—―()]{1,60}(?:\([^\n()]{1,40}\)[^\n–—―()]{0,40})?)\)?[\s*_]*\Z"
)
_SPEECH = re.compile(r"\s*(?P<name>[^:：\s][^:：]{0,38})[:：](?=\s|\Z)")


def _credit_line(line: str) -> Range | None:
    match = _LINE.match(line[: 2 * AROUND]) if len(line) <= AROUND else None
    if match and _is_credit(match["dash"] or match["parenthesis"]):
        return match.start(), match.end()
    return None


def _tail(line: str) -> Range | None:
    start = max(0, len(line) - AROUND)
    match = _TAIL.search(line, start)
    while match and not _is_credit(match["credit"]):
        match = _TAIL.search(line, match.start() + 1)
    return (match.start(), match.end()) if match and line[: match.start()].strip() else None


def _speaker_of_speech(line: str, *, is_certain: bool = True) -> Range | None:
    """A single word before a colon may begin the words themselves ("Marriage: a friendship"), so it
    counts only alone in its line or if several lines have one.
    """
    match = _SPEECH.match(line[:AROUND])
    if not match or not _is_label(match["name"]):
        return None
    is_alone = not line[match.end() :].strip()
    if is_certain or is_alone or len(match["name"].split()) > 1:
        return match.start("name"), match.end()
    return None


def _is_credit(text: str) -> bool:
    """Whether a text behind a dash or in parentheses credits words to a person or a work."""
    head = names.head_of(text)
    return names.is_name_like(head) or any(
        _REFERENCE.fullmatch(one.strip(" *_")) for one in (text, head)
    )


def _is_label(text: str) -> bool:
    words = len(names.head_of(text).split())
    return _is_credit(text) and words <= (3 if names.has_hangul_name(text) else 5)


# A chapter and verse, a proverb, or no name at all.
_REFERENCE = re.compile(
    r"[^\W\d][\w .]{1,40} \d{1,3}:\d{1,3}(?:[-–]\d{1,3})?(?: ?\(?[\w ]{1,30}\)?)?"
    r"|(?:[\w-]+ ){0,3}(?:proverb|Proverb|saying|속담|격언|미상)|Anonymous|Unknown|Anon\.|익명"
    r"|속담|격언"
)


def behind(context: Context, reading: Reading, span: Span) -> str:
    """The next credit of a span that is one of several lines in a block quote or in one pair of
    quotation marks.
    """
    if block := context.block_of(span):
        places = (place for place in credits_in(reading.text, *block) if place[0] >= span.stop)
        later = (reading.text[slice(*place)] for place in places)
        return next((text for text in later if not text.endswith((":", "："))), "")
    if span.kind == MARKED and not span.marks:
        rest = _REST_OF_MARKS.match(reading.text, span.stop, span.stop + _CHAIN)
        return reading.text[rest.end() : rest.end() + AROUND] if rest else ""
    return ""


_CHAIN = 600  # characters of lines that stand together in one pair of marks
_REST_OF_MARKS = re.compile(r"[^“‘「『«\"”’」』»]{1,600}[\"”’」』»]")


def _others(span: Span, around: Surroundings, own: Own, behind: str) -> list[Named]:
    """The names that the answer credits and that are not the lines' own."""
    stated = _names((*credits_of(around), *credit_in(behind)))
    if stated:
        first = stated[0]
        return [] if own.is_own(first.name) or own.is_own(first.rest) else [first]
    sentence, after = sentence_before(around), _sentence_after(around)
    if (
        any(map(own.is_near, (sentence, after, around.title)))
        or DENIAL.search(around.title)
        or DENIAL.search(sentence)
        or DENIAL.search(after)
    ):
        return []
    found = _names((*prose_of(around), *labels_of(around)))
    label = _SPEECH.match(span.text[:AROUND])  # a name of one syllable is no label of its own
    inside = label["name"] if label else ""
    if any(own.is_own(name) for name in (inside, *(one.name for one in found)) if name):
        return []
    beside = (sentence, after, around.title, inside)
    return [
        one
        for one in found
        if own.is_in_script_of(one.name) or not any(is_near(text, own) for text in beside)
    ]


def _names(found: Iterable[Named]) -> list[Named]:
    like = (one for one in found if names.is_name_like(one.name))
    return [one._replace(name=names.without_korean_office(one.name)) for one in like]


def _sentence_after(around: Surroundings) -> str:
    return re.split(r"[“\"「‘\n]", around.after.lstrip("”\"」’'»』"), maxsplit=1)[0]
