"""Escaping of users' and models' texts in a Markdown document (CommonMark and GitHub's dialect): no
text can end its block, add a heading to the document, or bring HTML.
"""

import re

from config.text import one_line
from quotes.text.markdown_code import code_ranges

_LINE_END = re.compile(r"\r\n?")
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~]|&(?=[#\w])")
_BLOCK = re.compile(r"^(?:[#+=-]|\d{1,9}(?=[.)]))", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_HTML = re.compile(r"<(?=[a-zA-Z/!?])")
# Brackets before a colon define a link or a footnote for the whole document.
_DEFINITION = re.compile(r"^((?:[ >]|[-+*][ ]|\d+[.)][ ])*)\[(?=[^\]\n]*\]:)", re.MULTILINE)


def plain(text: str) -> str:
    """A text with its line breaks, all markup escaped."""
    text = _SPECIAL.sub(r"\\\g<0>", _LINE_END.sub("\n", text))
    text = _INDENT.sub(lambda match: "\u00a0" * len(match[0]), text)
    text = _BLOCK.sub(_escape_block, text)
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "\\\\\n", text)


def plain_line(text: str) -> str:
    """A text in one line, all markup escaped, without effect on the text direction around it."""
    return plain(one_line(text))


def quoted(markdown: str) -> str:
    """A document as a block quote: blocks that it leaves open end with the quote."""
    return "\n".join(f"> {line}".rstrip() for line in _LINE_END.sub("\n", markdown).split("\n"))


def without_html(markdown: str) -> str:
    """A document with its HTML escaped, as the page shows it, and without link definitions, which
    would apply to the whole export.
    """
    parts, at = [], 0
    for start, end in code_ranges(markdown):
        parts += [_escape_html(markdown[at:start]), markdown[start:end]]
        at = end
    return "".join([*parts, _escape_html(markdown[at:])])


def _escape_html(text: str) -> str:
    return _DEFINITION.sub(r"\1\\[", _HTML.sub(r"\<", text))


def _escape_block(match: re.Match[str]) -> str:
    """Escape what begins a list or a heading: what follows a number, else the sign itself."""
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"
