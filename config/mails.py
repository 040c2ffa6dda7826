"""The layout of all mails: a text in one or several languages, as plain text and as HTML.

The HTML is made of the text, so that the two cannot differ. It loads nothing from a server and
needs no style sheet, since many programs drop both.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext, override

_APART = "\n\n--\n\n"  # between two languages
_ADDRESS = re.compile(r"https?://\S+")
_CODE = re.compile(r"^ {4}(\S.*)$")


class MailText(NamedTuple):
    """What a mail says in one language. Paragraphs are separated by an empty line; one that is an
    address becomes a link, and one that is indented by four spaces is a code to type.
    """

    language: str
    subject: str
    body: str


def compose_mail(
    texts: Sequence[MailText], *, to: Sequence[str], from_email: str | None = None
) -> EmailMultiAlternatives:
    """The mail to people who may read any of the languages, the likeliest first."""
    with override(texts[0].language):
        product = gettext("Daesa")
    subjects = dict.fromkeys(text.subject for text in texts)
    different = list({text.body: text for text in texts}.values())
    mail = EmailMultiAlternatives(
        f"[{product}] {' / '.join(subjects)}",
        _APART.join(text.body for text in different),
        from_email,
        list(to),
    )
    html = render_to_string("mail.html", {"product": product, "parts": list(map(_part, different))})
    mail.attach_alternative(html, "text/html")
    return mail


def _part(text: MailText) -> dict[str, Any]:
    paragraphs = re.split(r"\n{2,}", text.body.strip("\n"))
    return {"language": text.language, "blocks": list(map(_block, paragraphs))}


def _block(paragraph: str) -> dict[str, str]:
    if code := _CODE.match(paragraph):
        return {"kind": "code", "text": code[1]}
    if _ADDRESS.fullmatch(paragraph.strip()):
        return {"kind": "link", "text": paragraph.strip()}
    return {"kind": "text", "text": paragraph}
