"""Sign-in, joining and password reset for the page: allauth's views for browsers and their response
format, with our rules about addresses (`accounts.addresses.ownership`).
"""

from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.constants import LoginStageKey
from allauth.account.internal.flows.signup import complete_signup
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, pop_login
from allauth.headless.account import inputs, views
from allauth.headless.account.response import RequestPasswordResponse
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from allauth.headless.internal.restkit.response import ErrorResponse
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.addresses.ownership import is_confirmed_elsewhere, is_usable
from accounts.join import AddressTaken, complete_join, pending_join_of, register
from accounts.limits import rate_limits
from accounts.models import UserManager
from accounts.password_reset import send_reset_link
from config import background
from config.api.names import refuse_misspelled


class KnownInputNames:
    """Of a view: refuses misspelled names of fields, as serializers do."""

    def handle_input(self, data: Any) -> Any:
        input_class = self.get_input_class()  # type: ignore[attr-defined]
        known = input_class(data={}, **self.get_input_kwargs()).fields  # type: ignore[attr-defined]
        refuse_misspelled(data or {}, known)
        return super().handle_input(data)  # type: ignore[misc]


class Login(KnownInputNames, views.LoginView):  # type: ignore[misc]
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # allauth would record the address as it was typed.
        self.input.login.email = self.input.login.user.email
        return super().post(request, *args, **kwargs)


class SignupInput(inputs.SignupInput):  # type: ignore[misc]
    def validate_unique_email(self, value: str) -> str:
        """Left to `register`, which does the same work for every address."""
        return value


class Signup(KnownInputNames, views.SignupView):  # type: ignore[misc]
    input_class = {"POST": SignupInput}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if request.user.is_authenticated:
            return ConflictResponse(request)
        given = self.input.cleaned_data
        try:
            user = register(
                request,
                email=given["email"],
                password=given["password"],
                nickname=given["nickname"],
            )
        except AddressTaken:
            self.input.add_error("email", get_adapter().validation_error("email_taken"))
            return ErrorResponse(request, input=self.input)
        if user is None:  # allauth's mark that the mail has to be confirmed first
            request.session[LOGIN_SESSION_KEY] = LoginStageKey.VERIFY_EMAIL.value
            return AuthenticationResponse(request)
        return AuthenticationResponse.from_response(request, complete_signup(request, user=user))


class VerifyEmailInput(inputs.VerifyEmailInput):  # type: ignore[misc]
    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        self.pending_join = pending_join_of(key)
        if self.pending_join:
            return key
        super().clean_key()
        address = self.verification.email_address
        if address.email != address.user.email.lower():
            raise get_adapter().validation_error("invalid_or_expired_key")
        return key


class VerifyEmail(KnownInputNames, views.VerifyEmailView):  # type: ignore[misc]
    input_class = VerifyEmailInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if not self._confirm(request):
            # Another user has confirmed this address since the key was checked.
            error = get_adapter().validation_error("invalid_or_expired_key")
            self.input.add_error("key", error)
            return ErrorResponse(request, input=self.input)
        pop_login(request)
        return AuthenticationResponse(request)

    def _confirm(self, request: HttpRequest) -> bool:
        if self.input.pending_join:
            return complete_join(request, self.input.pending_join) is not None
        try:
            with transaction.atomic():
                return self.input.verification.confirm(request) is not None
        except IntegrityError as error:
            if is_confirmed_elsewhere(error):
                return False
            raise


class RequestPasswordResetInput(inputs.RequestPasswordResetInput):  # type: ignore[misc]
    def clean_email(self) -> str:
        """Does not look for an account: `send_reset_link` does, in the background."""
        return UserManager.normalize_email(self.cleaned_data["email"])


class RequestPasswordReset(KnownInputNames, views.RequestPasswordResetView):  # type: ignore[misc]
    input_class = RequestPasswordResetInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        email = self.input.cleaned_data["email"]
        rate_limits.spend(request, action="reset_password", key=email)
        background.run(partial(send_reset_link, request, email=email))
        return RequestPasswordResponse(request)


class ResetPasswordInput(inputs.ResetPasswordInput):  # type: ignore[misc]
    def clean_key(self) -> str:
        key = super().clean_key()
        if not is_usable(self.user):
            raise get_adapter().validation_error("invalid_password_reset")
        return str(key)


class ResetPassword(KnownInputNames, views.ResetPasswordView):  # type: ignore[misc]
    input_class = ResetPasswordInput
