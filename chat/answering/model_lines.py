"""Lines that a model has written for the page, without what models put around them."""

import re

from config.hangul import has_hangul
from config.text import one_line

_LONGEST_READ = 2000  # characters of what a model says
_LEADING = re.compile(r"(?:[-*•·#>]{1,6}|\d{1,2}[.)]) ")  # of a line with single spaces
_MARKS = str.maketrans(dict.fromkeys('*`"“”„‟«»‹›「」『』《》〈〉', ""))
_EDGES = " '‘’‚‛_~"
_REFUSED = ("](", "://", "<", ">", "{", "}", "|")  # a link, HTML, code or a table


def lines_of(text: str) -> list[str]:
    """The lines that say something, each without control characters, quotation marks, numbers and
    Markdown. One with a link or code is left out.
    """
    cleaned = map(_clean, text[:_LONGEST_READ].splitlines())
    return [line for line in cleaned if line]


def _clean(line: str) -> str:
    line = one_line(line)
    while leading := _LEADING.match(line):
        line = line[leading.end() :]
    line = one_line(line.translate(_MARKS)).strip(_EDGES)
    is_odd = any(mark in line for mark in _REFUSED)
    says_something = any(character.isalnum() for character in line)
    return line if says_something and not is_odd else ""


def is_in_language_of(line: str, question: str) -> bool:
    """Whether both are in Korean, or neither is."""
    return has_hangul(line) == has_hangul(question)


def language_for(question: str) -> str:
    """For a prompt."""
    return "Korean" if has_hangul(question) else "the language of the question"
