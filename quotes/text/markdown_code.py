"""The places of code in a Markdown text: between fences, and inline between backticks."""

import re
from collections.abc import Iterator

Range = tuple[int, int]

_RUN = re.compile(r"`+|^~{3,}", re.MULTILINE)
_CLOSING = re.compile(r"^(`{3,}+|~{3,}+)[`~]*+[ \t]*+$", re.MULTILINE)


def code_ranges(text: str) -> list[Range]:
    """Start and end of each piece of code, in order. An unclosed fence extends to the end of the
    text; other unclosed backticks are text.

    Each run of marks is read once, so the time is linear in the length of the text.
    """
    if "`" not in text and "~~~" not in text:
        return []
    runs = [match.span() for match in _RUN.finditer(text)]
    return list(_ranges(text, runs, _same_length_next(text, runs)))


def _ranges(text: str, runs: list[Range], closing: dict[int, int]) -> Iterator[Range]:
    at = 0
    for start, end in runs:
        if start < at:
            continue
        is_fence = end - start >= 3 and (not start or text[start - 1] == "\n")  # noqa: PLR2004
        line_end = text.find("\n", end) if is_fence else -1
        stop = _fence_end(text, text[start:end], line_end) if line_end >= 0 else closing.get(start)
        if stop is not None:
            yield start, stop
            at = stop


def _fence_end(text: str, fence: str, line_end: int) -> int:
    for match in _CLOSING.finditer(text, line_end + 1):
        if match[1].startswith(fence):
            return match.end()
    return len(text)


def _same_length_next(text: str, runs: list[Range]) -> dict[int, int]:
    """For the start of each run of backticks, the end of the next one of the same length."""
    closing: dict[int, int] = {}
    last: dict[int, int] = {}
    for start, end in reversed(runs):
        if text[start] == "`":
            if (stop := last.get(end - start)) is not None:
                closing[start] = stop
            last[end - start] = end
    return closing
