"""Fields of Django's forms for addresses and nicknames."""

from typing import Any

from allauth.account.fields import EmailField as AllauthEmailField
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import UserManager
from accounts.nicknames import LONGEST, clean_nickname, refuse_reserved


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
