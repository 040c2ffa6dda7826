"""Invisible characters, and the forms in which texts are stored, compared and searched. No other
module lists such characters.

    stored      texts that other users read (lines, works, contexts)
    one_line    the same in a single line (nicknames, titles)
    faithful    questions to a model: only line ends are normalized
    comparable  to compare whether two texts have the same words
    searchable  to search for words: also without case and width

Each takes linear time, is idempotent, and accepts any text.
"""

import json
import re
import unicodedata
from collections.abc import Mapping

from config.unicode import normalize

# Default_Ignorable_Code_Point (Unicode 17.0, DerivedCoreProperties.txt) and the other format
# characters without a glyph: annotation marks and the joiners of hieroglyphs. Python does not know
# this property. Arabic number signs and similar characters are `Cf` but visible, so not included.
_BMP = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
_BEYOND = "\U00013430-\U00013440\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
_BLANK_BRAILLE = "\u2800"  # a symbol by its category, but blank

# Embeddings, overrides and isolates change the direction of the text around them, and so can make
# it look like another text.
_DIRECTION = r"\u202a-\u202e\u2066-\u2069"
_CONTROLS = rf"\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029{_DIRECTION}"

# Patterns for the OpenAPI document: non-empty texts that other users read,
PLAIN_LINE = rf"^[^\x0a{_CONTROLS}]+$"
PLAIN_TEXT = rf"^[^{_CONTROLS}]+$"
SEEN_TEXT = rf"^\s*[^\s{_CONTROLS}{_BMP}\u2800][^{_CONTROLS}]*$"  # must be valid in JavaScript too
# and texts for a model, with tabs and line ends of every kind. Fields refuse NUL themselves.
FAITHFUL_TEXT = r"^[^\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+$"

_INVISIBLE = re.compile(f"[{_BMP}{_BEYOND}]")
_IN_BMP, _MAYBE_BEYOND = re.compile(f"[{_BMP}]"), re.compile("[\U00013430-\U000e0fff]")
_CODES = (*range(0x10000), *range(0x13430, 0x1D17B), *range(0xE0000, 0xE1000))
_ALL_INVISIBLE = frozenset(filter(_INVISIBLE.match, map(chr, _CODES)))
_EDGES = "".join(filter(str.isspace, map(chr, range(0x3100)))) + _BLANK_BRAILLE
_VISIBLE = re.compile(rf"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff{_BMP}{_BEYOND}{_BLANK_BRAILLE}]")
_REFUSED = re.compile(f"[{_CONTROLS}\ud800-\udfff]")
_TURNED = re.compile(f"[{_DIRECTION}]")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_GAP = re.compile("[\\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
# Most texts have only these characters, which normalization and case folding (beyond ASCII) do not
# change. For such a text `lower` is enough.
_UNCOMMON = re.compile("[^\x00-\x7f·–—‘’“”、。《》「」『』ぁ-ゖァ-ヺー一-鿿가-힣]")
_GREEK_WITH_IOTA = re.compile("[\u0345\u1f80-\u1fff]")

# --- Where an invisible character has an effect ---------------------------------------------------
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_VIRAMA = 9  # its canonical combining class
_EMOJI_BY_SELECTOR = frozenset("‼⁉〰ℹ")  # not symbols by category
# Beside symbols, these have standardized variants (StandardizedVariants.txt): Han, Myanmar,
# Phags-pa, and East Asian punctuation.
_VARIED = re.compile(
    "[\u1000-\u109f\u3001\u3002\u3400-\u9fff\ua840-\ua877\uaa60-\uaa7f\uf900-\ufaff"
    "\uff01\uff0c\uff0e\uff1a\uff1b\uff1f\U00020000-\U0003ffff]"
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")
# The flags of England, Scotland and Wales, the only tag sequences in fonts. Other tags can hide
# whole sentences.
_FLAG = re.compile(
    "\U0001f3f4(\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067"
    "|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f)"
)


def stored(text: str) -> str:
    """NFC, with line feeds as line ends, without invisible characters that have no effect, and
    without blanks at either end.
    """
    return _meaningful(faithful(text)).strip(_EDGES)


def one_line(text: str) -> str:
    """`stored`, with one space for each run of white space and control characters."""
    return _GAP.sub(" ", _meaningful(text)).strip(_EDGES)


def faithful(text: str) -> str:
    """The unchanged text, with line feeds as line ends."""
    return _LINE_END.sub("\n", text)


def comparable(text: str) -> str:
    """NFC, one space for each run of white space, without any invisible character."""
    if not is_common(text):
        text = normalize("NFC", without_invisible(text).replace(_BLANK_BRAILLE, " "))
    return " ".join(text.split())


def is_common(text: str) -> bool:
    """Whether normalization changes none of the characters, and case folding those of ASCII alone,
    as is so of most texts. The same is then true of every part of the text.
    """
    return _UNCOMMON.search(text) is None


def searchable(text: str) -> str:
    """NFKC in one case, without any invisible character: the same for a text in NFC and NFD, in
    upper and lower case, with wide letters and with soft hyphens. White space is kept.
    """
    if is_common(text):
        return text.lower()
    text = without_invisible(text)
    # Decompose Greek first, because casing turns an iota subscript into a letter between marks.
    text = normalize("NFKD" if _GREEK_WITH_IOTA.search(text) else "NFKC", text)
    # Upper case first: some letters (ı) fold differently from their capital.
    text = text.upper().casefold()
    return without_invisible(normalize("NFKC", text))


def has_direction(text: str) -> bool:
    """Whether the text has characters that change the direction of the text around them."""
    return not text.isascii() and _TURNED.search(text) is not None


def without_invisible(text: str) -> str:
    return _INVISIBLE.sub("", text) if _has_invisible(text) else text


def is_blank(text: str) -> bool:
    """Whether the text has only spaces, control characters and invisible characters."""
    return _VISIBLE.search(text) is None


def json_without_tags(row: Mapping[str, object]) -> str:
    """A row as JSON for a prompt. Angle brackets are escaped, so that no text in it can close the
    tag that stands around it.
    """
    text = json.dumps(row, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def is_refused(text: str, *, multiline: bool) -> bool:
    """Whether a text that other users read has forbidden characters inside: control characters,
    or those that change the direction of the text around them.
    """
    text = faithful(text.strip()).strip("\n")
    return bool(_REFUSED.search(text)) or (not multiline and "\n" in text)


def _has_invisible(text: str) -> bool:
    # Two searches: for one class with both, the regex engine tries range by range.
    return not text.isascii() and bool(_IN_BMP.search(text) or _MAYBE_BEYOND.search(text))


def _meaningful(text: str) -> str:
    """NFC, without invisible characters that have no effect."""
    if text.isascii():
        return text
    text = normalize("NFC", text)
    if not _has_invisible(text):
        return text
    flags = {at for flag in _FLAG.finditer(text) for at in range(*flag.span(1))}
    kept = _Kept()
    for at, character in enumerate(text):
        if character not in _ALL_INVISIBLE:
            kept.add(character)
        elif at in flags or kept.needs(character, text[at + 1 : at + 2]):
            kept.parts.append(character)
    return normalize("NFC", "".join(kept.parts))


class _Kept:
    """The characters kept so far, and the state to judge the next invisible one."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.base = ""  # the last character that is not a combining mark; "" if blank
        self.has_virama = False  # among the marks after it

    def add(self, character: str) -> None:
        self.parts.append(character)
        if unicodedata.category(character)[0] != "M":
            self.base = character if _VISIBLE.match(character) else ""
            self.has_virama = False
        elif unicodedata.combining(character) == _VIRAMA:
            self.has_virama = True

    def needs(self, character: str, following: str) -> bool:
        """Whether an invisible character has an effect between the kept ones and `following`."""
        following = following if _VISIBLE.match(following) else ""
        if character in {_JOINER, _NON_JOINER}:
            return self._joins(character, following)
        if not self.base or self.parts[-1] != self.base:  # selectors follow their base directly
            return False
        if "\ufe00" <= character <= "\ufe0f":
            return self._selects(character, following)
        if "\U000e0100" <= character <= "\U000e01ef":
            return bool(_HAN.match(self.base))
        return "\u180b" <= character <= "\u180f" and bool(_MONGOLIAN.match(self.base))

    def _joins(self, character: str, following: str) -> bool:
        """In emoji, in scripts with a virama, and between joining letters (after UAX #31, 2.3)."""
        if not self.base or self.parts[-1] in {_JOINER, _NON_JOINER}:
            return False
        if self.has_virama:
            return True
        if character == _JOINER and _is_emoji(self.base):
            return following != "" and unicodedata.category(following) in {"So", "Sm"}
        if _joining(self.base):
            return character == _JOINER or (following != "" and _joining(following))
        return False

    def _selects(self, character: str, following: str) -> bool:
        if self.base in "#*0123456789":
            return character == "\ufe0f" and following == "\u20e3"  # a keycap
        if unicodedata.category(self.base) in {"So", "Sm"}:
            return True
        if character >= "\ufe0e":
            return self.base in _EMOJI_BY_SELECTOR
        return bool(_VARIED.match(self.base))


def _is_emoji(base: str) -> bool:
    is_skin_tone = "\U0001f3fb" <= base <= "\U0001f3ff"
    return is_skin_tone or unicodedata.category(base) == "So"


def _joining(character: str) -> bool:
    """Whether it is a letter of a joining script: Arabic, Syriac and similar, or Mongolian."""
    return unicodedata.bidirectional(character) == "AL" or bool(_MONGOLIAN.match(character))
