"""Texts of lines in the head of a page, in feeds and in structured data."""

import json
import re
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from quotes.models import Quote

TITLE, DESCRIPTION = 70, 200  # characters: about as many as link previews show

# Characters that change the direction of the text would reorder what stands around the line; the
# others are not allowed in XML 1.0.
_UNFIT = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    "|[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
# So that no text ends the <script> element around it.
_ESCAPED = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def plain(text: str) -> str:
    """The text in one line, without controls."""
    return " ".join(_UNFIT.sub("", text).split())


def shortened(text: str, length: int) -> str:
    return str(Truncator(plain(text)).chars(length))


def credit(quote: Quote) -> str:
    """Speaker and work, as far as they are known."""
    return plain(", ".join(quote.names))


def title_of(quote: Quote) -> str:
    line, names = shortened(quote.content, TITLE), shortened(credit(quote), TITLE)
    return f"“{line}” — {names}" if names else f"“{line}”"


def description_of(quote: Quote) -> str:
    """The line with its credit, followed by its context or its meaning."""
    line, names = plain(quote.content), credit(quote)
    parts = [f"“{line}”", f"— {names}." if names else "", plain(quote.context or quote.gloss)]
    return shortened(" ".join(filter(None, parts)), DESCRIPTION)


def board_description() -> str:
    return _("Lines that the community submitted and our reviewers approved, word for word.")


def quotation(quote: Quote, url: str) -> dict[str, Any]:
    """https://schema.org/Quotation"""
    known = {
        "inLanguage": quote.language,
        "spokenByCharacter": {"@type": "Person", "name": quote.speaker} if quote.speaker else None,
        "isPartOf": {"@type": "CreativeWork", "name": quote.source} if quote.source else None,
        "description": quote.context,
        "dateModified": quote.updated_at.isoformat(),
    }
    return {
        "@context": "https://schema.org",
        "@type": "Quotation",
        "url": url,
        "text": quote.content,
        **{name: value for name, value in known.items() if value},
    }


def json_ld(value: dict[str, Any]) -> SafeString:
    """For a <script type="application/ld+json">, which the browser does not run."""
    text = json.dumps(value, ensure_ascii=False).translate(_ESCAPED)
    return mark_safe(text)  # noqa: S308 - has no characters of HTML  # nosec B308 B703
