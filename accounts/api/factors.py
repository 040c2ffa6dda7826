"""Second factors and passkeys for the page: allauth's views for browsers and their response format,
with our checks of codes and passkeys (`accounts.mfa`).
"""

import json
from http import HTTPStatus
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core import context
from allauth.headless.account.views import ReauthenticateView
from allauth.headless.internal.restkit.response import ErrorResponse
from allauth.headless.mfa import inputs, views
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.addresses.ownership import is_usable
from accounts.api.session import KnownInputNames
from accounts.form_fields import PasskeyNameField
from accounts.limits import rate_limits
from accounts.mfa import MOST_PASSKEYS, passkeys
from accounts.mfa.codes import check_code, totp_steps, use_totp
from accounts.mfa.factors import Type, needs_passkeys, passkeys_of
from accounts.models import User
from config.api.problems import Conflict, LimitReached


class LastWay(Conflict):
    default_code = "last_way"
    default_detail = _("This is your only way to sign in. Add another one first.")


class FactorExists(Conflict):
    default_code = "factor_exists"
    default_detail = _("You have an authenticator app already. Remove it first.")


class PasskeyExists(Conflict):
    default_code = "factor_exists"
    default_detail = _("You have added this passkey already.")


def lock(user: User) -> None:
    """One change of a user's factors at a time, within the transaction."""
    User.objects.select_for_update().filter(pk=user.pk).values_list("pk").first()


class _Purpose(KnownInputNames):
    """Of a view that asks for a passkey by GET and takes it by POST."""

    purpose: str
    rate = ""  # of the caller's address, where nobody has signed in

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.rate:
            rate_limits.spend(request, action=self.rate, limit_get=True)
        if request.method == "POST":
            passkeys.begin_answer(request, self.purpose)
        response = super().handle(request, *args, **kwargs)  # type: ignore[misc]
        if request.method == "GET" and response.status_code == HTTPStatus.OK:
            passkeys.note_asked(request, self.purpose)
        return response

    def handle_invalid_input(self, given: Any) -> Any:
        webauthn.clear_state()  # a challenge is tried once
        return super().handle_invalid_input(given)  # type: ignore[misc]


# --- Codes --------------------------------------------------------------------------------------


class _CodeInput:
    is_signed_in: bool

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]  # type: ignore[attr-defined]
        found = check_code(
            context.request,
            self.user,  # type: ignore[attr-defined]
            code,
            is_signed_in=self.is_signed_in,
        )
        if found is None:
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator = found
        return code


class AuthenticateInput(_CodeInput, inputs.AuthenticateInput):  # type: ignore[misc]
    is_signed_in = False


class ReauthenticateInput(_CodeInput, inputs.ReauthenticateInput):  # type: ignore[misc]
    is_signed_in = True


class Authenticate(KnownInputNames, views.AuthenticateView):  # type: ignore[misc]
    input_class = AuthenticateInput


class ReauthenticateByCode(KnownInputNames, views.ReauthenticateView):  # type: ignore[misc]
    input_class = ReauthenticateInput


class Reauthenticate(KnownInputNames, ReauthenticateView):  # type: ignore[misc]
    pass


# --- The factors of a user ----------------------------------------------------------------------


class _Adding:
    """Of a view that adds factors: not for an address that has yet to be confirmed where addresses
    must be. allauth also refuses it where they need not, so that whoever joins with another's
    address could not lock its owner out; there, staff take the factor away.
    """

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user: Any = request.user
        if request.method in {"GET", "POST"} and user.email and not is_usable(user):
            error = get_adapter().validation_error("unverified_email")
            return ErrorResponse(request, status=HTTPStatus.CONFLICT, exception=error)
        return super().handle(request, *args, **kwargs)  # type: ignore[misc]


class ActivateTOTPInput(inputs.ActivateTOTPInput):  # type: ignore[misc]
    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not totp_steps(self.secret, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class ManageTOTP(_Adding, KnownInputNames, views.ManageTOTPView):  # type: ignore[misc]
    input_class = {"POST": ActivateTOTPInput}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().get(request, *args, **kwargs)
        if response.status_code == HTTPStatus.NOT_FOUND:  # not set up: allauth offers a new secret
            body = json.loads(response.content)
            body["meta"]["totp_svg"] = get_adapter().build_totp_svg(body["meta"]["totp_url"])
            response.content = json.dumps(body)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            lock(request.user)  # type: ignore[arg-type]
            if self._get_authenticator():
                raise FactorExists
            response = super().post(request, *args, **kwargs)
            use_totp(self._get_authenticator(), self.input.cleaned_data["code"])
        return response


class ManageRecoveryCodes(KnownInputNames, views.ManageRecoveryCodesView):  # type: ignore[misc]
    input_class = {"POST": inputs.GenerateRecoveryCodesInput}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Noting that they were shown writes the row: without the lock it could undo the use of a
        # code in the same moment.
        with transaction.atomic():
            own = Authenticator.objects.filter(user=request.user, type=Type.RECOVERY_CODES)
            own.select_for_update().first()
            return super().get(request, *args, **kwargs)


class AddPasskeyInput(inputs.AddWebAuthnInput):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        credential = self.cleaned_data["credential"]
        if not passkeys.is_storable(credential):
            raise get_adapter().validation_error("incorrect_code")
        return credential


AddPasskeyInput.base_fields["name"] = PasskeyNameField(required=False)


class RenamePasskeyInput(inputs.UpdateWebAuthnInput):  # type: ignore[misc]
    pass


RenamePasskeyInput.base_fields["name"] = PasskeyNameField()


class FewField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """At most as many as a user can have, so that no caller makes a statement of any length."""

    def clean(self, value: Any) -> Any:
        if isinstance(value, list) and len(value) > MOST_PASSKEYS:
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list")
        return super().clean(value)


class RemovePasskeysInput(inputs.DeleteWebAuthnInput):  # type: ignore[misc]
    pass


RemovePasskeysInput.base_fields["authenticators"] = FewField(Authenticator.objects.none())


class ManagePasskeys(_Adding, _Purpose, views.ManageWebAuthnView):  # type: ignore[misc]
    purpose = "add"
    input_class = {
        "POST": AddPasskeyInput,
        "PUT": RenamePasskeyInput,
        "DELETE": RemovePasskeysInput,
    }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user: Any = request.user
        credential = self.input.cleaned_data["credential"]
        with transaction.atomic():
            lock(user)
            if passkeys_of(user) >= MOST_PASSKEYS:
                raise LimitReached(name="passkeys", value=MOST_PASSKEYS)
            if webauthn.get_authenticator_by_credential_id(user, passkeys.id_of(credential)):
                raise PasskeyExists
            self.input.cleaned_data["credential"] = passkeys.stored_form(credential)
            response = super().post(request, *args, **kwargs)
            newest = Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).latest("pk")
            passkeys.note_added(newest)
        return response

    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user: Any = request.user
        raise_if_reauthentication_required(request, app="allauth.mfa")
        with transaction.atomic():
            lock(user)
            if needs_passkeys(user) and passkeys_of(user) <= len(
                self.input.cleaned_data["authenticators"]
            ):
                raise LastWay
            return super().delete(request, *args, **kwargs)


# --- Signing in and confirming by a passkey -----------------------------------------------------


class _PasskeyInput:
    is_verification_needed = False

    def clean_credential(self) -> Any:
        credential = self.cleaned_data["credential"]  # type: ignore[attr-defined]
        factor = super().clean_credential()  # type: ignore[misc]
        lacks_verification = self.is_verification_needed and not passkeys.is_user_verified(
            credential
        )
        if lacks_verification or not passkeys.check_counter(context.request, factor, credential):
            raise get_adapter().validation_error("incorrect_code")
        return factor


class AuthenticatePasskeyInput(_PasskeyInput, inputs.AuthenticateWebAuthnInput):  # type: ignore[misc]
    pass


class ReauthenticatePasskeyInput(_PasskeyInput, inputs.ReauthenticateWebAuthnInput):  # type: ignore[misc]
    pass


class LoginPasskeyInput(_PasskeyInput, inputs.LoginWebAuthnInput):  # type: ignore[misc]
    is_verification_needed = True


class AuthenticateByPasskey(_Purpose, views.AuthenticateWebAuthnView):  # type: ignore[misc]
    purpose = "second-factor"
    input_class = {"POST": AuthenticatePasskeyInput}


class ReauthenticateByPasskey(_Purpose, views.ReauthenticateWebAuthnView):  # type: ignore[misc]
    purpose = "confirm"
    input_class = {"POST": ReauthenticatePasskeyInput}


class LoginByPasskey(_Purpose, views.LoginWebAuthnView):  # type: ignore[misc]
    purpose = "sign-in"
    rate = "passkey"
    input_class = {"POST": LoginPasskeyInput}
