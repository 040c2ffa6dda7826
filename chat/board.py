"""The model `board`: no language model, it presents the reviewed lines that match a question."""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import override

from quotes.search import Found

NAME = "board"

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def answer(question: str, found: Sequence[Found]) -> Iterator[str]:
    """Yield the answer in pieces, in the language of the question. It says what it is, and shows
    only lines that are like the question: nobody else judges whether they answer it.
    """
    fitting = [quote for quote in found if quote.fits]
    with override("ko" if _HANGUL.search(question) else "en"):
        if fitting:
            opening = _("I am the board, not a language model. These reviewed lines match:")
        else:
            opening = _(
                "I am the board, not a language model. No reviewed line matches your question. "
                "Try other words, or submit the line you have in mind."
            )
    yield opening
    for quote in fitting:
        said = ", ".join(filter(None, [quote.speaker, quote.source]))
        yield f"\n\n> “{quote.content}”" + (f"\n> — {said}" if said else "")
