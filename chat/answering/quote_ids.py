"""Replaces ids of lines, such as `[[12]]`, by the lines while an answer arrives (ADR 0039).

A model that writes an id instead of the words cannot misquote them. The replaced text is the
answer: it is streamed, stored, judged and sent back as history.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from django.conf import settings

from chat.answering.open_code import OpenCode
from chat.answering.quotation import is_source_of, quotation
from quotes.columns import BoardLine

# How often one line is put in: an answer full of ids must not become two hundred times as long.
# With this limit, at most three times the lines of the prompt are added.
MOST_TIMES = 3
BEFORE = 1200  # characters that are kept: the longest line is 1,000, and has marks around it

_ID = re.compile(r"\[\[([0-9]{1,18})\]\]")
_BEGUN = re.compile(r"\[(?:\[(?:[0-9]{1,18}\]?)?)?\Z")
LONGEST_BEGUN = 21  # characters: two brackets, the digits of a bigint, and a bracket
_PARAGRAPH_END = re.compile(r"\n[ \t>]*\n")


def quotes_by_id(model: str) -> bool:
    """Whether the model is told that it may quote a line by its id."""
    return settings.QUOTE_BY_ID and model not in settings.QUOTE_BY_ID_EXCEPT


class QuoteIds:
    """Takes an answer in pieces. `shown` returns the lines that the model was shown, and is called
    when the model first writes an id; other ids stay as they are written, and so do ids in code.
    Without `shown` nothing is replaced. `before` is the beginning of the answer, where it is
    continued.

    Holds back the end of a piece only while it may be the beginning of an id: at most
    `LONGEST_BEGUN` characters. The text does not depend on how the answer is divided into pieces.
    """

    def __init__(
        self, shown: Callable[[], Sequence[BoardLine]] | None = None, *, before: str = ""
    ) -> None:
        self._shown = shown
        self._lines: dict[str, BoardLine] | None = None
        self._times_put_in = Counter[str]()
        self._held = ""
        self._unread = [before]  # read at the next id, so an answer without ids costs nothing
        self._code = OpenCode()
        self._before = ""

    def feed(self, piece: str) -> str:
        """The part of the answer that can be passed on after this piece; may be empty."""
        if not self._shown:
            return piece
        if not self._held and "[" not in piece:
            self._unread.append(piece)
            return piece
        text = self._held + piece
        begun = _BEGUN.search(text, max(0, len(text) - LONGEST_BEGUN))
        end = begun.start() if begun else len(text)
        self._held = text[end:]
        return self._replace(text[:end])

    def end(self) -> str:
        """The text that was held back. Call it when the answer ends, for whatever reason."""
        held, self._held = self._held, ""
        return held

    def _replace(self, text: str) -> str:
        parts, at = [], 0
        for match in _ID.finditer(text):
            self._unread.append(text[at : match.start()])
            parts += [text[at : match.start()], self._instead_of(match)]
            at = match.end()
        self._unread.append(text[at:])
        return "".join([*parts, text[at:]])

    def _instead_of(self, match: re.Match[str]) -> str:
        written, name = match[0], match[1]
        line = self._line_of(name)
        if not line or self._times_put_in[name] >= MOST_TIMES:
            return self._as_written(written)
        self._read()
        if self._code.ends_in_code():
            return self._as_written(written)
        self._times_put_in[name] += 1
        return self._put_in(name, line.content)

    def _line_of(self, name: str) -> BoardLine | None:
        if self._lines is None:
            self._lines = {str(line.id): line for line in self._shown()} if self._shown else {}
        return self._lines.get(name)

    def _as_written(self, text: str) -> str:
        self._unread.append(text)
        return text

    def _put_in(self, name: str, line: str) -> str:
        paragraph = _PARAGRAPH_END.split(self._before)[-1]
        is_source = is_source_of(paragraph, line)
        text = f"[{name}]" if is_source else quotation(line, paragraph)
        self._code.feed("a")  # no mark inside a line begins or ends the answer's own code
        self._before = (self._before + text)[-BEFORE:]
        return text

    def _read(self) -> None:
        text = "".join(self._unread)
        self._unread.clear()
        self._code.feed(text)
        self._before = (self._before + text)[-BEFORE:]
