"""The JSON of quotes: responses, and the inputs of searches and of the export. What may be written
into a line is `quotes.text.input`.
"""

from typing import Any, cast

from rest_framework import serializers
from rest_framework.request import Request

from config.api.fields import TextField
from config.api.links import Link, LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.times import local
from quotes.board.export import FORMATS
from quotes.columns import SUBMITTED, submitted_values
from quotes.models import Quote, Sort, State
from quotes.public.reading import reader_of
from quotes.search.duplicates import Similar
from quotes.text.input import LanguageField


class SimilarInput(InputSerializer):
    """A line that a user is writing; `besides` is the id of the line being edited."""

    content = TextField(
        multiline=True, max_length=1000, help_text="The line, as far as it is written."
    )
    besides = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="A line to leave out."
    )


class Flag(serializers.BooleanField):
    """`true` or `false`, as JSON writes them."""

    TRUE_VALUES = {"true", "True", True}
    FALSE_VALUES = {"false", "False", False}


class BoardFilters(InputSerializer):
    q = TextField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text="What you remember of line, speaker, work or context.",
    )
    state = serializers.ChoiceField(
        State.choices, required=False, help_text="Only quotes in this state."
    )
    mine = Flag(default=False, help_text="Only your own quotes.")
    speaker = TextField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Only lines of this speaker; case, width and spaces don't count.",
    )
    source = TextField(  # type: ignore[assignment]
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Only lines of this work; case, width and spaces don't count.",
    )
    language = LanguageField(help_text="Only lines in this language, such as ko.")
    language_first = LanguageField(
        help_text="Lines in this language, such as ko, come before the others."
    )
    sort = serializers.ChoiceField(
        Sort.choices,
        required=False,
        help_text="Newest or most liked first. Without it: newest, with `q` best.",
    )


class ExportChoice(InputSerializer):
    format = serializers.ChoiceField(
        list(FORMATS), default="jsonl", help_text="JSON lines, or CSV for a spreadsheet."
    )


class QuoteSerializer(serializers.Serializer[Quote]):
    """The fields make the schema; the body is written by hand, for lists are hot."""

    id = serializers.IntegerField()
    submitter = serializers.CharField(
        help_text="Nickname of the submitter; may be empty, and is so without a sign-in."
    )
    mine = serializers.BooleanField(help_text="Whether you have submitted it.")
    state = serializers.ChoiceField(State.choices)
    gloss = serializers.CharField(
        help_text="What the line means, in one sentence; may be empty. The line is found by it; "
        "it is never quoted."
    )
    gloss_by_model = serializers.BooleanField(
        help_text="Whether a language model has written `gloss`."
    )
    is_apply = serializers.BooleanField(help_text="Whether the line is on the board.")
    applied_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="Why it was declined; shown to its submitter only.")
    likes = serializers.IntegerField(min_value=0, help_text="Of a line on the board.")
    liked = serializers.BooleanField(help_text="Whether you like it.")
    version = serializers.IntegerField(help_text="Counts the edits, from 1.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    links = LinkSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """Adds the columns that submitters write, after `mine`."""
        fields = super().get_fields()
        first = {name: fields.pop(name) for name in ("id", "submitter", "mine")}
        return first | {name: serializers.CharField() for name in SUBMITTED} | fields

    def to_representation(self, instance: Quote) -> dict[str, Any]:
        request: Request = cast("Any", self).context["request"]  # not the field of that name
        reader = reader_of(request)
        mine = reader is not None and instance.user_id == reader.pk
        applied_at = instance.applied_at
        return {
            "id": instance.pk,
            "submitter": instance.user.nickname if reader else "",
            "mine": mine,
            **dict(zip(SUBMITTED, submitted_values(instance), strict=True)),
            "state": instance.state.value,
            "gloss": instance.gloss,
            "gloss_by_model": instance.gloss_by != "",
            "is_apply": instance.is_apply,
            "applied_at": applied_at and local(applied_at),
            "reason": instance.reason if mine else "",
            "likes": instance.likes if instance.is_apply else 0,
            "liked": instance.liked and instance.is_apply,
            "version": instance.version,
            "created_at": local(instance.created_at),
            "updated_at": local(instance.updated_at),
            "links": _links(request, instance, mine=mine) if reader else _self(request, instance),
        }


class SimilarSerializer(serializers.Serializer[Similar]):
    verdict = serializers.ChoiceField(
        ["same", "near"], help_text="`same`: the same letters; only case, spaces and marks differ."
    )
    score = serializers.FloatField(min_value=0, max_value=1, help_text="1: the same.")
    quote = QuoteSerializer()

    def to_representation(self, instance: Similar) -> dict[str, Any]:
        return {
            "verdict": "same" if instance.is_same else "near",
            "score": instance.score,
            "quote": self.fields["quote"].to_representation(instance.quote),
        }


class SimilarListSerializer(serializers.Serializer[Any]):
    results = SimilarSerializer(many=True, help_text="At most five, the likest first.")


def _self(request: Request, quote: Quote) -> list[Link]:
    return [link("self", absolute(request, "quotes:quote", quote.pk))]


def _links(request: Request, quote: Quote, *, mine: bool) -> list[Link]:
    links = _self(request, quote)
    href = links[0]["href"]
    if mine:
        links += [link("edit", href, "PATCH"), link("delete", href, "DELETE")]
    if quote.is_apply:
        rel, method = ("unlike", "DELETE") if quote.liked else ("like", "PUT")
        links.append(link(rel, absolute(request, "quotes:like", quote.pk), method))
    return links
