"""Whether a growing Markdown text ends inside code."""

import re

_PART = re.compile(r"`+|~+|\n|[^`~\n]+")
_BLANK = " \t\r"
_QUOTE_MARKERS = _BLANK + ">"
_BLOCK_MARKERS = _QUOTE_MARKERS + "*+-.)0123456789"  # also those of list items
_LEAST_FENCE = 3  # marks, by CommonMark


class OpenCode:
    """Reads a text in pieces, and remembers only what decides how the next piece is read.

    Code stands between fences, or between backticks within a line. Inline code counts as ended at
    the end of its line: while the text grows, it is not known whether a backtick will be closed,
    and a single one must not turn the rest of an answer into code.
    """

    def __init__(self) -> None:
        self._mark, self._length = "", 0  # the run of marks at the end, which may be continued
        self._fence, self._fence_length = "", 0
        self._backticks = 0  # of the inline code that is open
        self._begin_line()

    def feed(self, text: str) -> None:
        for part in _PART.findall(text):
            if part[0] in "`~":
                if part[0] != self._mark:
                    self._end_run()
                self._mark = part[0]
                self._length += len(part)
                continue
            self._end_run()
            if part == "\n":
                self._end_line()
            elif part.strip(_BLANK):
                self._read_words(part)

    def ends_in_code(self) -> bool:
        """Call it only where the next character is no mark of code."""
        self._end_run()
        return bool(self._fence or self._backticks)

    def _begin_line(self) -> None:
        self._has_quote_markers = True  # alone so far
        self._has_block_markers = True
        self._opens_fence = self._closes_fence = False

    def _read_words(self, text: str) -> None:
        self._closes_fence = False
        self._has_quote_markers = self._has_quote_markers and not text.strip(_QUOTE_MARKERS)
        self._has_block_markers = self._has_block_markers and not text.strip(_BLOCK_MARKERS)

    def _end_run(self) -> None:
        mark, length = self._mark, self._length
        if not length:
            return
        self._mark, self._length = "", 0
        if self._fence:
            self._read_in_fence(mark, length)
        elif self._backticks:
            self._backticks = 0 if (mark, length) == ("`", self._backticks) else self._backticks
        elif self._has_block_markers and length >= _LEAST_FENCE:
            self._fence, self._fence_length, self._opens_fence = mark, length, True
        elif mark == "`":
            self._backticks = length
        self._has_quote_markers = self._has_block_markers = False

    def _read_in_fence(self, mark: str, length: int) -> None:
        if self._opens_fence:
            if mark == self._fence == "`":  # ```a``` in one line is inline code
                self._backticks = 0 if length == self._fence_length else self._fence_length
                self._fence, self._opens_fence = "", False
            return
        is_as_long = mark == self._fence and length >= self._fence_length
        self._closes_fence = self._has_quote_markers and is_as_long

    def _end_line(self) -> None:
        if self._closes_fence:
            self._fence = ""
        self._backticks = 0
        self._begin_line()
