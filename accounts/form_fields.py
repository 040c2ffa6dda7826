"""Fields of Django's forms for addresses and nicknames."""

from typing import Any

from allauth.account.fields import EmailField as AllauthEmailField
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from accounts.joining.invitations import LONGEST_TOKEN
from accounts.models import UserManager
from accounts.nicknames import LONGEST, clean_nickname, refuse_reserved
from config import text


class AddressField(AllauthEmailField):  # type: ignore[misc]
    """An address, normalized before it is checked."""

    def to_python(self, value: Any) -> str:
        address = UserManager.normalize_email(super().to_python(value))
        if not address.isascii():
            raise ValidationError(EmailValidator.message, code="invalid")
        return address


class NicknameField(forms.CharField):
    """A nickname in its stored form. `may_be_reserved`: staff may give the site's own names."""

    def __init__(self, *, may_be_reserved: bool = False, **options: Any) -> None:
        super().__init__(label=_("nickname"), max_length=LONGEST, required=False, **options)
        self.may_be_reserved = may_be_reserved

    def to_python(self, value: Any) -> str:
        name = clean_nickname(str(super().to_python(value)))
        if not self.may_be_reserved:
            refuse_reserved(name)
        return name


class TokenField(forms.CharField):
    """The token of an invitation's link: looked up by its digest, never stored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_TOKEN, required=False, **options)


class PasskeyNameField(forms.CharField):
    """What a user calls a passkey: one line, in its stored form."""

    LONGEST = 50

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=self.LONGEST, **options)

    def to_python(self, value: Any) -> str:
        return text.one_line(str(super().to_python(value)))
