"""Searching lines in every state, for staff: those that have all the words, or the beginnings of
words, and those of a submitter.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from quotes.search.index import has_terms
from quotes.text.tokenizer import tokens

if TYPE_CHECKING:
    from quotes.models import Quote

_TERMS = 20  # of a search that are used
_SHORTEST_BEGINNING = 3  # letters; shorter ones begin a large part of all words


def search_lines(lines: "QuerySet[Quote]", text: str, *, limit: int) -> "QuerySet[Quote]":
    """Those of the lines that match, of very many the newest `limit`.

    Each kind is a query of its own, because the index has applied lines only and the planner would
    read the whole table for an OR. None of them reads text that no word was found in.
    """
    ids = {*_with_words(lines, text, limit), *_newest(_of_submitter(lines, text), limit)}
    return lines.filter(pk__in=sorted(ids, reverse=True)[:limit])


def _with_words(lines: "QuerySet[Quote]", text: str, limit: int) -> list[int]:
    terms = {term: _is_beginning(term) for term in tokens(text)[:_TERMS]}
    if not terms:
        return []
    off_board = lines.filter(is_apply=False).alias(
        padded=Concat(Value(" "), "search_text", Value(" "), output_field=TextField())
    )
    for term, is_beginning in terms.items():
        off_board = off_board.filter(padded__contains=f" {term}" if is_beginning else f" {term} ")
    applied = lines.filter(has_terms(terms), is_apply=True)
    return [*_newest(applied, limit), *_newest(off_board, limit)]


def _is_beginning(term: str) -> bool:
    """Korean and Chinese terms are parts of words already."""
    return term.isascii() and len(term) >= _SHORTEST_BEGINNING


def _of_submitter(lines: "QuerySet[Quote]", text: str) -> "QuerySet[Quote]":
    name = text.strip()
    # Stored addresses are in lower case.
    return lines.filter(Q(user__email__startswith=name.lower()) | Q(user__nickname=name))


def _newest(lines: "QuerySet[Any]", limit: int) -> list[int]:
    return list(lines.order_by("-pk").values_list("pk", flat=True)[:limit])
