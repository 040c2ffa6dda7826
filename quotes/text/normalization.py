"""Three forms in which texts are compared, each ignoring more than the one before it.

    exact     `config.text.comparable`
    folded    `config.text.searchable`, with one kind of quotation mark, dash and ellipsis
    skeleton  the letters and digits of any script, nothing else

`skeleton_hash` is stored with each quote, so that lines are found by their skeleton.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from config.text import comparable, is_common, searchable
from config.unicode import normalize

_UNIFIED = str.maketrans(
    dict.fromkeys("“”„‟«»「」『』＂〝〞〟", '"')
    | dict.fromkeys("‘’‚‛‹›`´ʼ′", "'")
    | dict.fromkeys("‐‑‒–—―−⸺⸻", "-")
    | {"…": "...", "⋯": "...", "‥": ".."}
)
_MARKED = re.compile(f"[{''.join(map(chr, _UNIFIED))}]")
_DOTS = re.compile(r"\.{2,}")
_NO_LETTERS = re.compile(r"[\W_]+")


class _Letters(dict[int, int | None]):
    """A self-filling table for `str.translate` that keeps letters, digits and marks only."""

    def __missing__(self, code: int) -> int | None:
        kept = code if unicodedata.category(chr(code))[0] in "LNM" else None
        if code < 0x10000:  # noqa: PLR2004 - bounds the size of the table
            self[code] = kept
        return kept


_LETTERS = _Letters()


exact = comparable


_KEPT = 2000  # characters of texts whose forms are cached; no line is longer


def folded(text: str) -> str:
    return _folded(text) if len(text) > _KEPT else _known_folded(text)


def skeleton(text: str) -> str:
    """The letters and digits of any script, with their combining marks."""
    return _skeleton(text) if len(text) > _KEPT else _known_skeleton(text)


def _folded(text: str) -> str:
    text = exact(text)
    if is_common(text):
        text = text.translate(_UNIFIED) if _MARKED.search(text) else text
        return _DOTS.sub("...", text).lower()
    # Twice, as folding can produce marks from wide characters and letters (ŉ).
    text = searchable(text.translate(_UNIFIED)).translate(_UNIFIED)
    return exact(_DOTS.sub("...", text))


def _skeleton(text: str) -> str:
    text = folded(text)
    if is_common(text):
        return _NO_LETTERS.sub("", text)
    return normalize("NFC", text.translate(_LETTERS))


# The same line is compared with many spans.
_known_folded, _known_skeleton = lru_cache(4096)(_folded), lru_cache(4096)(_skeleton)


def skeleton_hash(text: str) -> int:
    """A signed 64-bit hash, which both databases can store."""
    return hash_of_skeleton(skeleton(text))


def hash_of_skeleton(letters: str) -> int:
    digest = blake2b(letters.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
