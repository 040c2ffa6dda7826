"""Texts of people and models in a Markdown document, in which they stay what they are: none ends
its place, makes a heading of the document, or brings HTML. For CommonMark and GitHub's kind.
"""

import re

from quotes.spans import CODE

_LINE_END = re.compile(r"\r\n?")
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~]|&(?=[#\w])")
_BLOCK = re.compile(r"^(?:[#+=-]|\d{1,9}(?=[.)]))", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_HTML = re.compile(r"<(?=[a-zA-Z/!?])")
# What stands in brackets in front of a colon is a link's or a note's, everywhere in the document.
_DEFINITION = re.compile(r"^((?:[ >]|[-+*][ ]|\d+[.)][ ])*)\[(?=[^\]\n]*\]:)", re.MULTILINE)


def plain(text: str) -> str:
    """A text without any markup, with its lines."""
    text = _SPECIAL.sub(r"\\\g<0>", _LINE_END.sub("\n", text))
    text = _INDENT.sub(lambda match: "\u00a0" * len(match[0]), text)
    text = _BLOCK.sub(_without_meaning, text)
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "\\\\\n", text)


def plain_line(text: str) -> str:
    """The same in one line."""
    return plain(" ".join(text.split()))


def quoted(markdown: str) -> str:
    """A document as a block quote of another: whatever it opens ends with it."""
    return "\n".join(f"> {line}".rstrip() for line in _LINE_END.sub("\n", markdown).split("\n"))


def without_html(markdown: str) -> str:
    """A document whose HTML is text, as the page shows it, and that defines no links for others."""
    parts, at = [], 0
    for code in CODE.finditer(markdown):
        parts += [_defused(markdown[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*parts, _defused(markdown[at:])])


def _defused(text: str) -> str:
    return _DEFINITION.sub(r"\1\\[", _HTML.sub(r"\<", text))


def _without_meaning(match: re.Match[str]) -> str:
    """`1.` begins a list, and so does `-`: the sign behind the number, or the sign itself."""
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"
