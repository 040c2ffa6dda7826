"""Reads JSON that breaks the rules where its meaning is clear: RFC 8259 as servers send it."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

END = "[DONE]"
_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"\s*")
_LONE_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_HIGH_SURROGATES = range(0xD800, 0xDC00)


def values_of(payload: bytes) -> Iterator[Any]:
    """The values, one after another, with any white space between them. Raises ValueError or
    RecursionError where one is invalid, after those before it.

    Accepts NaN, control characters, halves of surrogate pairs and invalid UTF-8; the text of the
    last two must go through `TextRepair`. `[DONE]` without quotation marks is the last value.
    """
    text = payload.decode("utf-8", "surrogateescape")
    at = _after_space(text, 0)
    while at < len(text):
        if text.startswith(END, at):
            yield END
            return
        value, at = _DECODER.raw_decode(text, at)
        yield value
        at = _after_space(text, at)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


class TextRepair:
    """Joins characters that a server has split between two texts, as halves of a surrogate pair or
    as bytes of UTF-8. What stays incomplete becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._held = ""
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, text: str, *, is_last: bool = False) -> str:
        text = self._held + text
        self._held = ""
        if text and not is_last and ord(text[-1]) in _HIGH_SURROGATES:
            text, self._held = text[:-1], text[-1]
        paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        marked = _LONE_SURROGATE.sub("\ufffd", paired)
        return self._utf8.decode(marked.encode("utf-8", "surrogateescape"), final=is_last)
