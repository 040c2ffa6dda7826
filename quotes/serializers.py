"""The JSON of quotes, in and out."""

from typing import Any, cast

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request

from config.api.links import Link, LinkSerializer, absolute, link
from config.api.times import local
from quotes import text
from quotes.export import FORMATS
from quotes.models import Quote, Sort, State
from quotes.similar import Similar


class TextField(serializers.CharField):
    """A text in its stored form (NFC, trimmed), without control characters."""

    def __init__(self, *, pattern: str, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(
            RegexValidator(
                pattern, _("Control characters are not allowed."), code="control_characters"
            )
        )

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(text.normalise(data) if isinstance(data, str) else data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):  # a number is no text
            self.fail("invalid")
        return data


class QuoteInput(serializers.Serializer[Any]):
    """What a person says about a line. The state of its review is not theirs to write."""

    content = TextField(
        pattern=text.SEEN_TEXT,
        max_length=1000,
        help_text="The line, word for word. Stored trimmed and in Unicode NFC.",
    )
    speaker = TextField(
        pattern=text.PLAIN_LINE,
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Who says or wrote it.",
    )
    source = TextField(  # type: ignore[assignment]
        pattern=text.PLAIN_LINE,
        max_length=200,
        allow_blank=True,
        default="",
        help_text="The work that it is from.",
    )
    context = TextField(  # type: ignore[assignment]
        pattern=text.PLAIN_TEXT,
        max_length=1000,
        allow_blank=True,
        default="",
        help_text="When it is said, or what it means. Helps to find the line.",
    )
    language = serializers.RegexField(
        text.LANGUAGE_TAG,
        max_length=10,
        allow_blank=True,
        default="",
        help_text="Language tag (BCP 47), such as ko or en. Empty: guessed from the line.",
        error_messages={"invalid": _("Not a language tag such as ko or en-GB.")},
    )

    def validate_language(self, value: str) -> str:
        return value.lower()


class SimilarInput(serializers.Serializer[Any]):
    """A line that somebody writes; `besides` names the one that they are editing."""

    content = TextField(
        pattern=text.SEEN_TEXT, max_length=1000, help_text="The line, as far as it is written."
    )
    besides = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="A line to leave out."
    )


class Flag(serializers.BooleanField):
    """`true` or `false`, as JSON writes them."""

    TRUE_VALUES = {"true", "True", True}
    FALSE_VALUES = {"false", "False", False}


class BoardFilters(serializers.Serializer[Any]):
    q = TextField(
        pattern=text.PLAIN_LINE,
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
        pattern=text.PLAIN_LINE,
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Only lines of this speaker; case, width and spaces don't count.",
    )
    source = TextField(  # type: ignore[assignment]
        pattern=text.PLAIN_LINE,
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Only lines of this work; case, width and spaces don't count.",
    )
    language = serializers.RegexField(
        text.LANGUAGE_TAG,
        max_length=10,
        allow_blank=True,
        default="",
        help_text="Only lines in this language, such as ko.",
        error_messages={"invalid": _("Not a language tag such as ko or en-GB.")},
    )
    sort = serializers.ChoiceField(
        Sort.choices,
        required=False,
        help_text="Newest or most liked first. Without it: newest, with `q` best.",
    )


class ExportChoice(serializers.Serializer[Any]):
    format = serializers.ChoiceField(
        list(FORMATS), default="jsonl", help_text="JSON lines, or CSV for a spreadsheet."
    )


class QuoteSerializer(serializers.Serializer[Quote]):
    """The fields make the schema; the body is written by hand, for lists are hot."""

    id = serializers.IntegerField()
    submitter = serializers.CharField(help_text="Nickname of the submitter; may be empty.")
    mine = serializers.BooleanField(help_text="Whether you have submitted it.")
    content = serializers.CharField()
    speaker = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    context = serializers.CharField()  # type: ignore[assignment]
    language = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    is_apply = serializers.BooleanField(help_text="Whether the line is on the board.")
    applied_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="Why it was declined; told to its submitter only.")
    likes = serializers.IntegerField(min_value=0, help_text="Of a line on the board.")
    liked = serializers.BooleanField(help_text="Whether you like it.")
    version = serializers.IntegerField(help_text="Counts the edits, from 1.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    links = LinkSerializer(many=True)

    def to_representation(self, instance: Quote) -> dict[str, Any]:
        request: Request = cast("Any", self).context["request"]  # not the field of that name
        mine = instance.user_id == request.user.pk
        applied_at = instance.applied_at
        return {
            "id": instance.pk,
            "submitter": instance.user.nickname,
            "mine": mine,
            "content": instance.content,
            "speaker": instance.speaker,
            "source": instance.source,
            "context": instance.context,
            "language": instance.language,
            "state": instance.state.value,
            "is_apply": instance.is_apply,
            "applied_at": applied_at and local(applied_at),
            "reason": instance.reason if mine else "",
            "likes": instance.likes if instance.is_apply else 0,
            "liked": instance.liked and instance.is_apply,
            "version": instance.version,
            "created_at": local(instance.created_at),
            "updated_at": local(instance.updated_at),
            "links": _links(request, instance, mine=mine),
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


def _links(request: Request, quote: Quote, *, mine: bool) -> list[Link]:
    href = absolute(request, "quotes:quote", quote.pk)
    links = [link("self", href)]
    if mine:
        links += [link("edit", href, "PATCH"), link("delete", href, "DELETE")]
    if quote.is_apply:
        ways = ("unlike", "DELETE") if quote.liked else ("like", "PUT")
        links.append(link(ways[0], absolute(request, "quotes:like", quote.pk), ways[1]))
    return links
