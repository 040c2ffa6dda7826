"""A line of the board as a quotation that fits the text before it in an answer.

`before` is the paragraph of the answer up to the quotation. All texts here are of bounded length.
"""

import re

# The marks to quote with: the first pair that the line itself does not contain. 『』 and 《》 are
# for titles, and straight marks do not show which of them opens.
_PAIRS = ("“”", "‘’", "«»", "「」", "‹›", "〝〞")
_FAMILIES = ("“”„‟", "‘’", "«»", "‹›", "「」", "『』", "《》", "〈〉", "〝〞〟", '"', "＂", "'")
_OPENING = "‘„‟「『《〈〝"
_STRAIGHT = "\"＂'"
# These open in some languages and close in others: „a“ and “a”, «a» and »a«.
_EITHER = {"“": "„", "«": "»", "»": "«", "‹": "›", "›": "‹"}
_MARKS = "".join(_FAMILIES)
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])['’](?=[A-Za-z])")
_EMPHASIS = "*_"
_BETWEEN = " \t.,)" + _EMPHASIS  # what may stand between a quotation and its source
_WORD = re.compile(r"\w+")
_FEW_WORDS = 3  # fewer may be in a sentence by chance, without being the line

_QUOTE_PREFIX = re.compile(r"[ ]{0,3}(?:>[ ]?)+")
_BLOCK_START = re.compile(r"[-+*=#>|~`_<]|[0-9]{1,9}[.)]")


def quotation(line: str, before: str) -> str:
    """The line between quotation marks; without them where the answer has just opened some that fit
    the line, as in “[[12]]”.
    """
    text = _in_place(line, before)
    opened = _without_apostrophes(before).rstrip(_EMPHASIS)
    if _opens(opened) and not _has_any(_family(opened[-1]), _without_apostrophes(line)):
        return text
    pair = next((pair for pair in _PAIRS if not _has_any(pair, line)), _PAIRS[0])
    return f"{pair[0]}{text}{pair[1]}"


def is_source_of(before: str, line: str) -> bool:
    """Whether an id behind this text names the source of words that the answer has already: its
    paragraph has the whole line, or ends in a quotation whose words are mostly the line's.
    """
    before = _without_apostrophes(before)
    if _opens(before.rstrip(_EMPHASIS)):
        return False
    words, ours = _words(before), _words(_without_apostrophes(line))
    if ours and words[-len(ours) :] == ours:
        return True
    if len(ours) >= _FEW_WORDS and f" {' '.join(ours)} " in f" {' '.join(words)} ":
        return True
    quoted = _words(_last_quotation(before))
    known = set(ours)
    return sum(word in known for word in quoted) * 2 > len(quoted)


def _in_place(line: str, before: str) -> str:
    """Verse keeps its line breaks in a block quote, unless Markdown would read one of its lines as
    something else; elsewhere they become spaces, as in a repaired quotation.
    """
    lines = [part for part in map(str.strip, line.split("\n")) if part]
    prefix = _QUOTE_PREFIX.match(before.rpartition("\n")[2])
    if prefix and not any(map(_BLOCK_START.match, lines[1:])):
        return f"\n{prefix[0]}".join(lines)
    return " ".join(lines)


def _last_quotation(before: str) -> str:
    """What is between the marks at the end of the text, or ""."""
    text = before.rstrip(_BETWEEN)
    if text[-1:] not in _MARKS or _opens(text):
        return ""
    text = text[:-1]
    return text[max(map(text.rfind, _MARKS)) + 1 :]


def _opens(text: str) -> bool:
    """Whether the text ends in a mark that opens a quotation."""
    mark = text[-1:]
    if not mark:
        return False
    if mark in _STRAIGHT:
        return text.count(mark) % 2 == 1
    if other := _EITHER.get(mark):
        return text.count(mark) > text.count(other)
    return mark in _OPENING


def _family(mark: str) -> str:
    return next(family for family in _FAMILIES if mark in family)


def _has_any(marks: str, text: str) -> bool:
    return any(mark in text for mark in marks)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _without_apostrophes(text: str) -> str:
    return _APOSTROPHE.sub("", text)
