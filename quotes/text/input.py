"""What may be written into a line: the fields of a submission, for the API and for imported files.

The form in which texts are stored is `config.text`'s, applied by the fields.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.api.fields import TextField
from config.api.names import InputSerializer
from config.hangul import has_hangul
from quotes.columns import MAX_GLOSS


def guess_language(text: str) -> str:
    """`ko` for a text with Hangul, otherwise "": other letters alone don't identify a language."""
    return "ko" if has_hangul(text) else ""


class LanguageField(serializers.RegexField):
    """A language tag (BCP 47) in lower case, such as ko or en-gb; "" for none."""

    default_error_messages = {"invalid": _("Not a language tag such as ko or en-GB.")}

    def __init__(self, *, help_text: str) -> None:
        super().__init__(
            r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
            max_length=10,
            allow_blank=True,
            default="",
            help_text=help_text,
        )

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class QuoteInput(InputSerializer):
    """What a person says about a line. The state of its review is not theirs to write."""

    content = TextField(
        multiline=True,
        max_length=1000,
        help_text="The line, word for word. Stored trimmed and in Unicode NFC.",
    )
    speaker = TextField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Who says or wrote it.",
    )
    source = TextField(  # type: ignore[assignment]
        max_length=200,
        allow_blank=True,
        default="",
        help_text="The work that it is from.",
    )
    context = TextField(  # type: ignore[assignment]
        multiline=True,
        max_length=1000,
        allow_blank=True,
        default="",
        help_text="When it is said, or what it means. Helps to find the line.",
    )
    language = LanguageField(
        help_text="Language tag (BCP 47), such as ko or en. Empty: guessed from the line."
    )


class LoadedLine(QuoteInput):
    """What a file of lines says about one: also its gloss, which staff load and nobody submits."""

    gloss = TextField(max_length=MAX_GLOSS, allow_blank=True, default="")
    gloss_by = TextField(max_length=200, allow_blank=True, default="")
    gloss_reviewed_at = serializers.DateTimeField(allow_null=True, default=None)

    def validate(self, attrs: Any) -> Any:
        """A gloss without a model's name is a person's, who has reviewed it by writing it."""
        if not attrs["gloss"]:
            attrs["gloss_by"] = ""
        elif not attrs["gloss_by"]:
            attrs["gloss_reviewed_at"] = attrs["gloss_reviewed_at"] or timezone.now()
        return attrs
