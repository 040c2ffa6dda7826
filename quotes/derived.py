"""Columns that derive from a quote's text: its tokens, their version, the hash of its skeleton.

`pre_save` writes them with every `save`, `create`, `bulk_create` and `get_or_create`. An UPDATE by
the queryset knows no object, so it must be given them (`Quote.derived`) or is refused.
"""

from typing import TYPE_CHECKING, Any

from django.db import models

from quotes import tokens
from quotes.forms import skeleton_hash

if TYPE_CHECKING:
    Field = models.Field[Any, Any]
    TextField = models.TextField[str, str]
    SmallField = models.PositiveSmallIntegerField[int, int]
    BigField = models.BigIntegerField[int, int]
else:
    Field = object
    TextField, SmallField = models.TextField, models.PositiveSmallIntegerField
    BigField = models.BigIntegerField

TEXT = frozenset({"content", "speaker", "source", "context"})


def search_text(quote: Any) -> str:
    """Each token once, in the order of the text: what a line is found by."""
    text = f"{quote.content}\n{quote.speaker}\n{quote.source}\n{quote.context}"
    return " ".join(dict.fromkeys(tokens.tokens(text)))


class _Derived(Field):
    def derive(self, quote: Any) -> Any:
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002, FBT001
        value = self.derive(model_instance)
        setattr(model_instance, self.attname, value)
        return value


class SearchText(_Derived, TextField):
    def derive(self, quote: Any) -> str:
        return search_text(quote)


class SearchVersion(_Derived, SmallField):
    def derive(self, quote: Any) -> int:  # noqa: ARG002
        return tokens.VERSION


class SkeletonHash(_Derived, BigField):
    def derive(self, quote: Any) -> int:
        return skeleton_hash(quote.content)


def derive(quote: Any) -> dict[str, Any]:
    return {
        "search_text": search_text(quote),
        "search_version": tokens.VERSION,
        "skeleton_hash": skeleton_hash(quote.content),
    }


DERIVED = ("search_text", "search_version", "skeleton_hash")
