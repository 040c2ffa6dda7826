"""The text of a quote: the one form in which it is stored, and what it may not hold.

What search and verification make of a text is theirs.
"""

import re
import unicodedata

# Controls, and the marks that turn the direction of writing and so can show what isn't there.
_CONTROLS = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"

# Spaces, and characters that show nothing (Hangul fillers too), which str.strip() leaves.
_UNSEEN = "\u115f\u1160\u200b\u200c\u200d\u200e\u200f\u2060\u3164\ufeff\uffa0"
_EDGES = _UNSEEN + "".join(filter(str.isspace, map(chr, range(0x3100))))

# What a text that is not empty looks like.
PLAIN_LINE = rf"^[^\x0a{_CONTROLS}]+$"
PLAIN_TEXT = rf"^[^{_CONTROLS}]+$"
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
SEEN_TEXT = rf"^\s*[^\s{_CONTROLS}{_UNSEEN}][^{_CONTROLS}]*$"
# What a spreadsheet takes for a formula, with the mark that says it is none.
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
_MARKED = re.compile(r"'+[=+\-@＝＋－＠\t\r\n]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


def normalise(text: str) -> str:
    """NFC, line feeds for line ends, nothing unseen at either end."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(_EDGES)


def guess_language(text: str) -> str:
    """`ko` for a text with Hangul; otherwise "", for letters alone do not tell a language."""
    return "ko" if _HANGUL.search(text) else ""


def spreadsheet_safe(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; `from_spreadsheet` gives the text back."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def from_spreadsheet(cell: str) -> str:
    return cell[1:] if _MARKED.match(cell) else cell
