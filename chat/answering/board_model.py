"""The model `board`: not a language model. It shows the reviewed lines that match a question."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import override

from config.hangul import has_hangul
from quotes.search.find import Found

NAME = "board"


def answer(question: str, found: Sequence[Found]) -> Iterator[str]:
    """Yield the answer in pieces, in the language of the question. It shows only lines that
    resemble the question, since no model decides whether they answer it.
    """
    fitting = [quote for quote in found if quote.fits]
    with override("ko" if has_hangul(question) else "en"):
        if fitting:
            opening = _("I am the board, not a language model. These reviewed lines match:")
        else:
            opening = _(
                "I am the board, not a language model. No reviewed line matches your question. "
                "Try other words, or submit the line you have in mind."
            )
    yield opening
    for quote in fitting:
        said = ", ".join(quote.names)
        yield f"\n\n> “{quote.content}”" + (f"\n> — {said}" if said else "")
