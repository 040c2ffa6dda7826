"""Columns that derive from a quote's text: its tokens, their version, hashes of its skeleton and of
the names by which the board is filtered.

`pre_save` writes them with every `save`, `create`, `bulk_create` and `get_or_create`. An UPDATE by
the queryset knows no object, so it must be given them (`Quote.derived`) or is refused.
"""

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from django.db import models

from quotes import tokens
from quotes.forms import folded, skeleton_hash

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


def name_hash(name: str) -> int:
    """A number for a speaker or a work, the same for any case, width and spaces; 0 for none."""
    text = folded(name).replace(" ", "")
    digest = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) if text else 0


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


class SpeakerHash(_Derived, BigField):
    def derive(self, quote: Any) -> int:
        return name_hash(quote.speaker)


class SourceHash(_Derived, BigField):
    def derive(self, quote: Any) -> int:
        return name_hash(quote.source)


def derive(quote: Any) -> dict[str, Any]:
    return {
        "search_text": search_text(quote),
        "search_version": tokens.VERSION,
        "skeleton_hash": skeleton_hash(quote.content),
        "speaker_hash": name_hash(quote.speaker),
        "source_hash": name_hash(quote.source),
    }


DERIVED = ("search_text", "search_version", "skeleton_hash", "speaker_hash", "source_hash")
