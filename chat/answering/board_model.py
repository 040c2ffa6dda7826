"""The model `board`: not a language model. It shows the reviewed lines that match a question."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import override

from chat.answering.small_talk import reply_to, small_talk_of
from config.hangul import has_hangul
from quotes.search.find import Found, asks_for_line_of_day

NAME = "board"


def language_of(question: str) -> str:
    """The language in which a question is answered."""
    return "ko" if has_hangul(question) else "en"


def is_small_talk(question: str, model: str) -> bool:
    """Whether this model is asked, and looks for no line: such an answer costs nothing."""
    return model == NAME and small_talk_of(question) is not None


def answer(question: str, found: Sequence[Found]) -> Iterator[str]:
    """Yield the answer in pieces, in the language of the question. It shows only lines that
    resemble the question, since no model decides whether they answer it; where the line of the day
    is asked for, it is the first of them, and no other is shown.
    """
    with override(language_of(question)):
        if kind := small_talk_of(question):
            yield reply_to(kind)
            return
        of_the_day = asks_for_line_of_day(question)
        fitting = [quote for quote in found if quote.fits][: 1 if of_the_day else None]
        opening = _opening(found=bool(fitting), of_the_day=of_the_day)
    yield opening
    for quote in fitting:
        said = ", ".join(quote.names)
        yield f"\n\n> “{quote.content}”" + (f"\n> — {said}" if said else "")


def _opening(*, found: bool, of_the_day: bool) -> str:
    if not found:
        return _(
            "I am the board, not a language model. No reviewed line matches your question. "
            "Try other words, or submit the line you have in mind."
        )
    if of_the_day:
        return _("I am the board, not a language model. This is the line of the day:")
    return _("I am the board, not a language model. These reviewed lines match:")
