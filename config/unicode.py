"""Unicode normalization in linear time.

Python sorts runs of combining marks by insertion: 100,000 marks in the wrong order take minutes.
"""

import re
import unicodedata
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

_AT_ONCE = 1000  # characters; at worst a millisecond or two
# A text may be cut before these characters: none combines with the one before it.
_PIECES = re.compile(
    r".{1,250}(?=[\x00-\x7f\u3001-\u3029\u4e00-\u9fff\uac00-\ud7a3\U0001f300-\U0001faff])|.{1,250}",
    re.DOTALL,
)


def normalize(form: Form, text: str) -> str:
    """The text in a normal form. A long text is normalized in pieces; the result differs only where
    250 characters have no place to cut, such as a run of combining marks.
    """
    if len(text) <= _AT_ONCE:
        return unicodedata.normalize(form, text)
    return "".join(unicodedata.normalize(form, piece) for piece in _PIECES.findall(text))
