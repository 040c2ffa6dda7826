"""What the session's door takes besides allauth's own fields."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import User, UserManager


class SignupForm(forms.Form):
    """`ACCOUNT_SIGNUP_FORM_CLASS`: the base of allauth's forms for joining."""

    nickname = forms.CharField(label=_("nickname"), max_length=50, required=False)

    def clean(self) -> dict[str, Any] | None:
        limits.spend(context.request, action="join")
        cleaned = super().clean()
        self._compare_password_with_person()
        email = str(self.data.get("email", ""))
        if email and set(self.errors) <= {"email"}:  # a taken address is one attempt as well
            limits.spend(
                context.request, action="join_account", key=UserManager.normalize_email(email)
            )
        return cleaned

    def _compare_password_with_person(self) -> None:
        # allauth has looked at the password alone; this time it is held against its owner.
        password = self.cleaned_data.get("password")
        person = User(
            email=self.cleaned_data.get("email", ""),
            nickname=self.cleaned_data.get("nickname", ""),
        )
        try:
            if password:
                get_adapter().clean_password(password, person)
        except ValidationError as error:
            self.add_error("password", error)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Part of allauth's contract; the adapter has saved the nickname with the rest."""
