"""Text fields of the API. Every field for text written by users is one of these, so that all texts
are stored in one form (`config.text`). tests/architecture/test_text_fields.py checks it.
"""

from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from config import text

CONTROL_CHARACTERS = _("Control characters are not allowed.")


class TextField(serializers.CharField):
    """A text that other users read, in its stored form; one line unless `multiline`."""

    default_error_messages = {"control_characters": CONTROL_CHARACTERS}

    def __init__(self, *, multiline: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.multiline = multiline
        pattern = text.PLAIN_TEXT if multiline else text.PLAIN_LINE
        pattern = pattern if self.allow_blank else text.SEEN_TEXT
        # For the OpenAPI document only: `run_validation` refuses or removes the same before.
        self.validators.append(RegexValidator(pattern, CONTROL_CHARACTERS, "control_characters"))

    def run_validation(self, data: Any = empty) -> Any:
        if isinstance(data, str):
            if text.is_refused(data, multiline=self.multiline):
                self.fail("control_characters")
            data = text.stored(data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):  # DRF would accept a number
            self.fail("invalid")
        return data


class LineField(serializers.CharField):
    """A title or search words: converted to one line; no character is refused."""

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(text.one_line(data) if isinstance(data, str) else data)


class FaithfulField(serializers.CharField):
    """A text for a model: unchanged except for line ends. Control characters are refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(
            RegexValidator(text.FAITHFUL_TEXT, CONTROL_CHARACTERS, "control_characters")
        )

    def to_internal_value(self, data: Any) -> str:
        return text.faithful(super().to_internal_value(data))
