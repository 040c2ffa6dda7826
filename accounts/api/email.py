"""/accounts/email: the signed-in user's address, its confirmation and its change."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.addresses.change import ask_for_change, cancel_change, confirm_by_code, send_again
from accounts.addresses.confirmations import expires_at, pending_change
from accounts.addresses.ownership import is_confirmed
from accounts.api.fields import CodeField, NormalizedEmailField, password_field
from accounts.api.openapi import RETRY_AFTER, example
from accounts.api.validation import validated_data
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.limits.rate_limits import MAIL_PAUSE
from accounts.sign_in import confirm_password
from config.api.links import Link, LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.times import local
from config.api.users import request_user

if TYPE_CHECKING:
    from accounts.models import User

NEW_ADDRESS = {"email": "alice@example.net", "password": "correct horse battery"}


class ChangeSerializer(InputSerializer):
    email = NormalizedEmailField(max_length=254)
    password = password_field(
        required=False, help_text="Required with a bearer token, which is never a fresh sign-in."
    )


class ResendSerializer(InputSerializer):
    email = NormalizedEmailField(max_length=254)


class ConfirmSerializer(InputSerializer):
    email = NormalizedEmailField(max_length=254)
    code = CodeField()


class PendingSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField()
    expires_at = serializers.DateTimeField()


class AddressSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(allow_null=True)
    is_confirmed = serializers.BooleanField()
    pending = PendingSerializer(
        allow_null=True, help_text="The address that becomes the account's once it is confirmed."
    )
    links = LinkSerializer(many=True)


class Email(APIView):
    @extend_schema(summary="The own address and its state", responses=AddressSerializer)
    def get(self, request: Request) -> Response:
        return Response(_state(request, request_user(request)))

    @extend_schema(
        summary="Ask for another address, or a first one",
        description="Needs a fresh sign-in or the password. The address counts once it is "
        "confirmed by the link or the code of a mail; the former one is told by mail. Another "
        "request replaces one that waits, and a new password ends it.",
        request=ChangeSerializer,
        parameters=[RETRY_AFTER],
        responses={
            202: AddressSerializer,
            **problems(_400="invalid", _403="fresh_sign_in_required", _429="too_many_attempts"),
        },
        examples=[example("Another address", NEW_ADDRESS)],
    )
    def post(self, request: Request) -> Response:
        user, given = request_user(request), validated_data(ChangeSerializer, request)
        if user.has_usable_password() and (request.auth is not None or "password" in given):
            _confirm_password(request, user, given.get("password"))
        else:
            demand_fresh_sign_in(request)
        ask_for_change(request, user, email=given["email"])
        return _mail_sent(request, user)

    @extend_schema(summary="Cancel the change that waits", responses={204: None})
    def delete(self, request: Request) -> Response:
        cancel_change(request, request_user(request))
        return Response(status=204)


class EmailResend(APIView):
    @extend_schema(
        summary="Send the mail to an unconfirmed address again",
        request=ResendSerializer,
        parameters=[RETRY_AFTER],
        responses={
            202: AddressSerializer,
            **problems(_409="nothing_to_confirm", _429="too_many_attempts"),
        },
    )
    def post(self, request: Request) -> Response:
        user = request_user(request)
        send_again(request, user, **validated_data(ResendSerializer, request))
        return _mail_sent(request, user)


class EmailConfirm(APIView):
    @extend_schema(
        summary="Confirm an address by the code of its mail",
        request=ConfirmSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: AddressSerializer,
            **problems(
                _400="wrong_code, code_expired", _409="address_taken", _429="too_many_attempts"
            ),
        },
        examples=[example("The code", {"email": "alice@example.net", "code": "1234 5678"})],
    )
    def post(self, request: Request) -> Response:
        given = validated_data(ConfirmSerializer, request)
        return Response(_state(request, confirm_by_code(request, request_user(request), **given)))


def _confirm_password(request: Request, user: "User", password: str | None) -> None:
    if password is None:
        needed = serializers.ErrorDetail(_("Enter your password, too."), code="required")
        raise serializers.ValidationError({"password": [needed]})
    confirm_password(request, user, password=password, field="password")


def _mail_sent(request: Request, user: "User") -> Response:
    """`Retry-After` says when the mail can be sent again."""
    headers = {"Retry-After": str(MAIL_PAUSE)}
    return Response(_state(request, user), status=202, headers=headers)


def _state(request: Request, user: "User") -> dict[str, Any]:
    """The shape of `AddressSerializer`."""
    change = pending_change(user)
    return {
        "email": user.email,
        "is_confirmed": is_confirmed(user),
        "pending": change and {"email": change.email, "expires_at": local(expires_at(change))},
        "links": _links(request),
    }


def _links(request: Request) -> list[Link]:
    address = absolute(request, "accounts:email")
    return [
        link("self", address),
        link("change", address, "POST"),
        link("cancel", address, "DELETE"),
        link("resend", absolute(request, "accounts:email-resend"), "POST"),
        link("confirm", absolute(request, "accounts:email-confirm"), "POST"),
    ]
