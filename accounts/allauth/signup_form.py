"""`ACCOUNT_SIGNUP_FORM_CLASS`: what joining by a session takes beside allauth's own fields."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.form_fields import NicknameField, TokenField
from accounts.limits import rate_limits
from accounts.models import User, UserManager


class SignupForm(forms.Form):
    nickname = NicknameField()
    invitation = TokenField()

    def clean(self) -> dict[str, Any] | None:
        rate_limits.spend(context.request, action="join")
        cleaned = super().clean()
        self._check_password_against_user()
        email = str(self.data.get("email", ""))
        if email and set(self.errors) <= {"email"}:  # a taken address counts too
            rate_limits.spend(
                context.request, action="join_account", key=UserManager.normalize_email(email)
            )
        return cleaned

    def _check_password_against_user(self) -> None:
        # allauth has checked the password without knowing its owner's address and nickname.
        password = self.cleaned_data.get("password")
        user = User(
            email=self.cleaned_data.get("email", ""),
            nickname=self.cleaned_data.get("nickname", ""),
        )
        try:
            if password:
                get_adapter().clean_password(password, user)
        except ValidationError as error:
            self.add_error("password", error)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Allauth requires it; the adapter has saved the nickname already."""
