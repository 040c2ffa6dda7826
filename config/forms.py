"""Text fields of Django's forms (administration), like `config.api.fields` for the API."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from config import text
from config.api.fields import CONTROL_CHARACTERS


class TextField(forms.CharField):
    """A text of several lines that other users read, in its stored form."""

    def to_python(self, value: Any) -> str:
        written = str(super().to_python(value))
        if text.is_refused(written, multiline=True):
            raise ValidationError(CONTROL_CHARACTERS, code="control_characters")
        return text.stored(written)
