"""Sign-in, joining and password reset for the page: allauth's views for browsers and their response
format, with our rules about addresses (`accounts.addresses.ownership`).
"""

from functools import partial
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.constants import LoginStageKey
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.signup import complete_signup
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, pop_login
from allauth.account.models import Login as LoginState
from allauth.account.stages import LoginStageController
from allauth.headless.account import inputs, views
from allauth.headless.account.response import RequestPasswordResponse
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from allauth.headless.internal.restkit.inputs import Input
from allauth.headless.internal.restkit.response import APIResponse, ErrorResponse
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import trail
from accounts.addresses import change
from accounts.addresses.change import (
    change_of_key,
    confirm,
    confirm_by_code,
    confirm_by_link,
)
from accounts.addresses.codes import typed_code
from accounts.addresses.confirmations import AddressConfirmedElsewhere, CodeExpired, WrongCode
from accounts.addresses.ownership import is_usable
from accounts.join import (
    AddressTaken,
    complete_by_code,
    complete_join,
    pending_join_of,
    register,
    send_again,
)
from accounts.limits import rate_limits
from accounts.models import PendingJoin, User, UserManager
from accounts.password_reset import send_reset_link
from config import background
from config.api.names import refuse_misspelled

PENDING_JOIN = "accounts_pending_join"  # in the session: the id of the join that waits for its code


class KnownInputNames:
    """Of a view: refuses misspelled names of fields, as serializers do."""

    def handle_input(self, data: Any) -> Any:
        input_class = self.get_input_class()  # type: ignore[attr-defined]
        if input_class is None:
            return None
        known = input_class(data={}, **self.get_input_kwargs()).fields  # type: ignore[attr-defined]
        refuse_misspelled(data or {}, known)
        return super().handle_input(data)  # type: ignore[misc]


class Login(KnownInputNames, views.LoginView):  # type: ignore[misc]
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # allauth would record the address as it was typed.
        self.input.login.email = self.input.login.user.email
        return super().post(request, *args, **kwargs)


def waiting_response(request: HttpRequest) -> APIResponse:
    """202: the account is there, but staff have to approve it before it can sign in."""
    return APIResponse(request, data={"waits_for": "approval"}, status=HTTPStatus.ACCEPTED)


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
                invitation=given["invitation"],
            )
        except AddressTaken:
            self.input.add_error("email", get_adapter().validation_error("email_taken"))
            return ErrorResponse(request, input=self.input)
        if isinstance(user, PendingJoin):
            request.session[PENDING_JOIN] = user.pk
            # allauth's mark that the mail has to be confirmed first
            request.session[LOGIN_SESSION_KEY] = LoginStageKey.VERIFY_EMAIL.value
            return AuthenticationResponse(request)
        if not user.is_active:
            return waiting_response(request)
        return AuthenticationResponse.from_response(request, complete_signup(request, user=user))


class VerifyEmailInput(inputs.VerifyEmailInput):  # type: ignore[misc]
    """`key` is the key of a mail's link, or the code of the mail where the browser waits for it:
    after a join, or a sign-in to an unconfirmed address.
    """

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        self.pending_join = self.change = None
        self.is_code = typed_code(key) is not None
        if self.is_code:
            return key
        self.pending_join = pending_join_of(key)
        self.change = change_of_key(key)
        if self.pending_join or self.change:
            return key
        super().clean_key()
        address = self.verification.email_address
        if address.email != (address.user.email or "").lower():
            raise get_adapter().validation_error("invalid_or_expired_key")
        return key


def _key_response(request: HttpRequest, kind: type[Input], header: str) -> APIResponse:
    """200 for a valid key in the header, else the error of the key; neither changes anything."""
    given = kind({"key": request.headers.get(header, "")})
    return APIResponse(request) if given.is_valid() else ErrorResponse(request, input=given)


class VerifyEmail(KnownInputNames, views.VerifyEmailView):  # type: ignore[misc]
    input_class = VerifyEmailInput

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> APIResponse:  # noqa: ARG002
        """Whether the link of a mail is still good, for the page that the link opens."""
        return _key_response(request, VerifyEmailInput, "X-Email-Verification-Key")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            if self.input.is_code:
                if request.user.is_authenticated:
                    return ConflictResponse(request)
                return self._sign_in_by_code(request)
            user = self._confirm(request)
        except (WrongCode, CodeExpired, AddressConfirmedElsewhere) as error:
            self.input.add_error("key", ValidationError(str(error.detail), code=error.code))
            return ErrorResponse(request, input=self.input)
        pop_login(request)
        request.session.pop(PENDING_JOIN, None)
        if user and user.approval == User.Approval.WAITING:
            return waiting_response(request)
        return AuthenticationResponse(request)

    def _sign_in_by_code(self, request: HttpRequest) -> Any:
        """The session has shown the password, and the code shows the address."""
        code = self.input.cleaned_data["key"]
        if self.stage:
            user = self.stage.login.user
            if user is None:  # deleted meanwhile
                raise CodeExpired
            confirm_by_code(request, user, email=user.email, code=code)
            response = self.stage.exit()
        else:
            user = complete_by_code(request, request.session.get(PENDING_JOIN, 0), code=code)
            if not user.is_active:
                pop_login(request)
                request.session.pop(PENDING_JOIN, None)
                return waiting_response(request)
            record_authentication(request, user, method="code", email=user.email)
            response = perform_login(request, LoginState(user=user, email=user.email))
        request.session.pop(PENDING_JOIN, None)
        return AuthenticationResponse.from_response(request, response)

    def _confirm(self, request: HttpRequest) -> User | None:
        """By the key of a link. Returns the user of a new account."""
        if self.input.pending_join:
            return complete_join(request, self.input.pending_join)
        if self.input.change:
            confirm(request, self.input.change)
        else:
            confirm_by_link(request, self.input.verification)
        return None


class ResendVerification(views.ResendEmailVerificationCodeView):  # type: ignore[misc]
    """Sends the mail again for which the browser waits; 409 if it waits for none."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        stage = LoginStageController.enter(request, LoginStageKey.VERIFY_EMAIL.value)
        if stage and (user := stage.login.user):
            change.send_again(request, user, email=(user.email or "").lower())
        elif pk := request.session.get(PENDING_JOIN):
            send_again(request, pk)
        else:
            return ConflictResponse(request)
        response = APIResponse(request)
        response["Retry-After"] = str(rate_limits.MAIL_PAUSE)
        return response


class RequestPasswordResetInput(inputs.RequestPasswordResetInput):  # type: ignore[misc]
    def clean_email(self) -> str:
        """Does not look for an account: `send_reset_link` does, in the background."""
        return UserManager.normalize_email(self.cleaned_data["email"])


class RequestPasswordReset(KnownInputNames, views.RequestPasswordResetView):  # type: ignore[misc]
    input_class = RequestPasswordResetInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        email = self.input.cleaned_data["email"]
        rate_limits.spend(request, action="mail_source")
        rate_limits.spend(request, action="reset_password", key=email)
        background.run(partial(send_reset_link, request, email=email))
        return RequestPasswordResponse(request)


class ResetPasswordKeyInput(inputs.ResetPasswordKeyInput):  # type: ignore[misc]
    def clean_key(self) -> str:
        key = super().clean_key()
        if not is_usable(self.user):
            raise get_adapter().validation_error("invalid_password_reset")
        return str(key)


class ResetPasswordInput(ResetPasswordKeyInput, inputs.ResetPasswordInput):  # type: ignore[misc]
    pass


class ResetPassword(KnownInputNames, views.ResetPasswordView):  # type: ignore[misc]
    input_class = ResetPasswordInput

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> APIResponse:  # noqa: ARG002
        """Whether the link of a mail is still good, for the page that the link opens."""
        return _key_response(request, ResetPasswordKeyInput, "X-Password-Reset-Key")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        kind = trail.Kind.PASSWORD_CHANGED
        trail.record(self.input.user, kind, request=request, reason="reset")
        return response
