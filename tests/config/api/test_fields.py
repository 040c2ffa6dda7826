"""The text fields of the API and of forms."""

import pytest
from django.core.exceptions import ValidationError as InvalidValue
from rest_framework.serializers import ValidationError

from config.api.fields import FaithfulField, LineField, TextField
from config.forms import TextField as FormField


@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        (TextField(), " a\u200bb\u3000", "ab"),
        (TextField(), "e\u0301", "é"),
        (TextField(allow_blank=True), "\u200b\u00ad", ""),
        (TextField(multiline=True), "a\r\nb\u2028c", "a\nb\nc"),
        (LineField(), "a\u202e\nb\x1b[0m", "a b [0m"),
        (FaithfulField(trim_whitespace=False), " a\u200b\u202e\r\n\tb ", " a\u200b\u202e\n\tb "),
    ],
)
def test_texts_that_are_accepted(field, written, stored):
    assert field.run_validation(written) == stored


@pytest.mark.parametrize(
    ("field", "written", "code"),
    [
        (TextField(), "a\nb", "control_characters"),
        (TextField(), "a\u202eb", "control_characters"),
        (TextField(), "a\ud800b", "control_characters"),
        (TextField(), "\u200b\u2800", "blank"),
        (TextField(), 7, "invalid"),
        (TextField(max_length=2), "\u0958\u0958", "max_length"),  # four characters in NFC
        (TextField(multiline=True), "a\x00", "control_characters"),
        (LineField(), "\u200b", "blank"),
        (FaithfulField(), "a\x1bb", "control_characters"),
        (FaithfulField(), "a\x00b", "null_characters_not_allowed"),
        (FaithfulField(), "a\ud800b", "surrogate_characters_not_allowed"),
    ],
)
def test_what_is_refused(field, written, code):
    with pytest.raises(ValidationError) as refused:
        field.run_validation(written)
    assert [error.code for error in refused.value.detail] == [code]  # type: ignore[union-attr]


def test_length_limits_apply_to_the_stored_form():
    assert TextField(max_length=2).run_validation("가나".encode().decode() + "\u200b" * 9) == "가나"
    assert TextField(max_length=1).run_validation("\u1100\u1161") == "가"


def test_the_field_of_forms():
    assert FormField().clean(" a\u200b\r\nb ") == "a\nb"
    with pytest.raises(InvalidValue) as refused:
        FormField().clean("a\u202eb")
    assert refused.value.code == "control_characters"
