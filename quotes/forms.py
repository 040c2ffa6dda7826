"""Three forms in which texts are compared, each blind to more than the one before it.

    exact     NFC, spaces folded, characters that show nothing removed
    folded    NFKC, without case; one kind of quotation mark, dash and ellipsis
    skeleton  the letters and digits of any script, nothing else

`skeleton_hash` is what the board stores of the last, to find a line by it.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

# Marks of direction, joiners, soft hyphen, Hangul fillers and the variation selectors of emoji.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0100-\U000e01ef]"
)
_UNIFIED = str.maketrans(
    dict.fromkeys("“”„‟«»「」『』＂〝〞〟", '"')
    | dict.fromkeys("‘’‚‛‹›`´ʼ′", "'")
    | dict.fromkeys("‐‑‒–—―−⸺⸻", "-")
    | {"…": "...", "⋯": "...", "‥": ".."}
)
_DOTS = re.compile(r"\.{2,}")


class _Letters(dict[int, int | None]):
    """A table for `str.translate` that fills itself: letters, digits and marks, and no others."""

    def __missing__(self, code: int) -> int | None:
        kept = code if unicodedata.category(chr(code))[0] in "LNM" else None
        if code < 0x10000:  # noqa: PLR2004 - what a text can make it hold stays small
            self[code] = kept
        return kept


_LETTERS = _Letters()


def exact(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return " ".join(text.split())


@lru_cache(maxsize=4096)  # a line is compared with many spans
def folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", exact(text).translate(_UNIFIED)).casefold()
    # Folding case may take a text out of NFKC again (ǰ), and bring a mark (ŉ).
    text = unicodedata.normalize("NFKC", text).translate(_UNIFIED)
    return exact(_DOTS.sub("...", text))


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """Letters, digits and the marks that belong to them, so that no script is passed over."""
    return unicodedata.normalize("NFC", folded(text).translate(_LETTERS))


def skeleton_hash(text: str) -> int:
    """Signed 64 bits, as both databases store them."""
    digest = blake2b(skeleton(text).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
