"""Forms by which staff sign in to the administration, confirm that it is them, and change their
password, all within the limits of other sign-ins.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.limits.password_attempts import check_password
from accounts.mfa.codes import LONGEST, check_code
from accounts.mfa.factors import has_factor, types_of
from accounts.models import User
from accounts.passwords.rules import MAX_LENGTH
from accounts.sign_in import demand_confirmed_address
from config.api.problems import Problem


@contextmanager
def problems_as_errors() -> Iterator[None]:
    """Shows refusals, such as too many attempts, in the form."""
    try:
        yield
    except Problem as refused:
        raise ValidationError(str(refused.detail), code=refused.code) from None


def code_field(**options: Any) -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "autocapitalize": "off"}
    return forms.CharField(
        label=_("Code of the second factor"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs=attributes),
        **options,
    )


class SignInForm(AdminAuthenticationForm):
    """For sites without the page, where staff can sign in nowhere else."""

    code = code_field(
        required=False, help_text=_("If you have one: of your app, or a recovery code.")
    )

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            request = cast("HttpRequest", self.request)
            with problems_as_errors():
                user = get_adapter().authenticate(request, email=username, password=password)
                if user is None:
                    raise self.get_invalid_login_error()
                self.confirm_login_allowed(user)
                demand_confirmed_address(request, user)
                self._authenticate(request, user)
            self.user_cache = user
        return self.cleaned_data

    def _authenticate(self, request: HttpRequest, user: User) -> None:
        factor = self._checked_factor(request, user) if has_factor(user) else None
        record_authentication(request, user, "password")
        if factor:
            post_authentication(request, factor)

    def _checked_factor(self, request: HttpRequest, user: User) -> Authenticator:
        code = self.cleaned_data.get("code", "")
        if not code:
            raise ValidationError(gettext("Enter the code of your second factor, too."), "code")
        factor = check_code(request, user, code)
        if factor is None:
            raise ValidationError(gettext("The code is wrong or was used before."), "wrong_code")
        return factor


class ConfirmForm(forms.Form):
    """Asks for a code if the user has an app, else for the password. Without fields if they have
    neither: they sign in again.
    """

    def __init__(self, request: HttpRequest, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request, self.user = request, user
        if Authenticator.Type.TOTP in types_of(user):
            self.fields["code"] = code_field()
        elif user.has_usable_password():
            self.fields["password"] = forms.CharField(
                label=_("Password"),
                strip=False,
                max_length=MAX_LENGTH,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        with problems_as_errors():
            factor = check_code(self.request, self.user, code, is_signed_in=True)
        if factor is None:
            raise ValidationError(gettext("The code is wrong or was used before."), "wrong_code")
        self.factor = factor
        return code

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        with problems_as_errors():
            if not check_password(self.request, self.user, password):
                raise ValidationError(gettext("The password is wrong."), "incorrect_password")
        return password

    def save(self) -> None:
        """Makes the session fresh."""
        if "code" in self.fields:
            post_authentication(self.request, self.factor, reauthenticated=True)
        else:
            record_authentication(self.request, self.user, "password", reauthenticated=True)


class OwnPasswordForm(AdminPasswordChangeForm):
    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        with problems_as_errors():
            if not check_password(context.request, self.user, old):
                raise ValidationError(
                    self.error_messages["password_incorrect"], code="password_incorrect"
                )
        return old
