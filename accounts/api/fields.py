"""Serializer fields for addresses, nicknames, passwords and tokens.

Passwords are taken as they were typed, including spaces around them.
"""

from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from rest_framework import serializers
from rest_framework.fields import empty, get_error_detail

from accounts.joining.invitations import LONGEST_TOKEN
from accounts.models import UserManager
from accounts.nicknames import LONGEST, clean_nickname, refuse_reserved
from accounts.passwords.normalization import normalize_password
from accounts.passwords.rules import MAX_LENGTH

TOKEN_LENGTH = 4096


class NormalizedEmailField(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        address = UserManager.normalize_email(super().to_internal_value(data))
        if not address.isascii():
            self.fail("invalid")
        return address


class NicknameField(serializers.CharField):
    """A nickname in its stored form. Only staff may take a reserved name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST, allow_blank=True, **options)

    def run_validation(self, data: Any = empty) -> Any:
        if not isinstance(data, str):
            return super().run_validation(data)
        user = getattr(self.context.get("request"), "user", None)
        try:
            name: str = super().run_validation(clean_nickname(data))
            if not (getattr(user, "is_staff", False) or name == getattr(user, "nickname", "")):
                refuse_reserved(name)
        except InvalidValue as error:
            raise serializers.ValidationError(get_error_detail(error)) from error
        return name


class PasswordField(serializers.CharField):
    """A password as typed. Its length is checked in the form that is hashed."""

    def run_validators(self, value: str) -> None:
        super().run_validators(normalize_password(value))


def password_field(**options: Any) -> PasswordField:
    return PasswordField(
        max_length=MAX_LENGTH,
        write_only=True,
        trim_whitespace=False,
        style={"input_type": "password"},
        **options,
    )


class CodeField(serializers.CharField):
    """The code of a mail, as it was typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=32, **options)


def token_field(**options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=TOKEN_LENGTH, **options)


def invitation_field(**options: Any) -> serializers.CharField:
    return serializers.CharField(
        max_length=LONGEST_TOKEN, help_text="The token of an invitation's link.", **options
    )
