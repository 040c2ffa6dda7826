"""Columns computed from a quote's text: its tokens, their version, and hashes of its skeleton and
of the names by which the board is filtered.

`pre_save` writes them with every `save`, `create`, `bulk_create` and `get_or_create`. A queryset's
`update` has no object to compute them from, so it must be given them (`Quote.derived`).
"""

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from django.db import models

from config.hangul import has_hangul
from quotes.columns import SEARCHED
from quotes.text import tokenizer
from quotes.text.normalization import folded, skeleton_hash

if TYPE_CHECKING:
    Field = models.Field[Any, Any]
    TextField = models.TextField[str, str]
    SmallField = models.PositiveSmallIntegerField[int, int]
    BigField = models.BigIntegerField[int, int]
else:
    Field = object
    TextField, SmallField = models.TextField, models.PositiveSmallIntegerField
    BigField = models.BigIntegerField


def search_text(quote: Any) -> str:
    """The tokens by which a line is found, each once, in the order of the text. A speaker's Korean
    name (김 첨지) is also indexed as it is written without spaces.
    """
    texts = [getattr(quote, name) for name in SEARCHED]
    if has_hangul(quote.speaker):
        texts.append(quote.speaker.replace(" ", ""))
    return " ".join(dict.fromkeys(tokenizer.tokens("\n".join(texts))))


def name_hash(name: str) -> int:
    """A hash of a speaker or a work that ignores case, width and spaces; 0 for ""."""
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
        return tokenizer.VERSION


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
        "search_version": tokenizer.VERSION,
        "skeleton_hash": skeleton_hash(quote.content),
        "speaker_hash": name_hash(quote.speaker),
        "source_hash": name_hash(quote.source),
    }


DERIVED = ("search_text", "search_version", "skeleton_hash", "speaker_hash", "source_hash")
