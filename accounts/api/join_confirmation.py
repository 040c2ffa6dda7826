"""/accounts/join/confirm and /accounts/join/resend: for programs whose join waits for the code of
its mail. They name it by the handle that `POST /accounts/join` gave them.
"""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import CodeField, token_field
from accounts.api.join import WaitingSerializer, waits_for_approval, waits_for_mail
from accounts.api.openapi import RETRY_AFTER
from accounts.api.tokens import SignedInSerializer, signed_in_body
from accounts.api.validation import validated_data
from accounts.join import complete_by_code, pk_of_handle, send_again
from accounts.sign_in import record_sign_in
from config.api.links import absolute
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.views import OpenView


class JoinResendSerializer(InputSerializer):
    confirmation = token_field()


class JoinConfirmSerializer(JoinResendSerializer):
    code = CodeField()


class JoinConfirm(OpenView):
    @extend_schema(
        summary="Confirm the address of a join by the code of its mail",
        request=JoinConfirmSerializer,
        parameters=[RETRY_AFTER],
        responses={
            201: SignedInSerializer,
            202: WaitingSerializer,
            **problems(
                _400="wrong_code, code_expired",
                _403="signup_closed, signup_invite, signup_domain",
                _409="address_taken",
                _429="too_many_attempts",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        given = validated_data(JoinConfirmSerializer, request)
        pk = pk_of_handle(given["confirmation"])
        user = complete_by_code(request, pk, code=given["code"])
        if not user.is_active:
            return waits_for_approval(request)
        record_sign_in(request, user)
        headers = {"Location": absolute(request, "accounts:profile")}
        return Response(signed_in_body(request, user), status=201, headers=headers)


class JoinResend(OpenView):
    @extend_schema(
        summary="Send the mail of a join again",
        request=JoinResendSerializer,
        parameters=[RETRY_AFTER],
        responses={
            202: WaitingSerializer,
            **problems(_400="code_expired", _429="too_many_attempts"),
        },
    )
    def post(self, request: Request) -> Response:
        handle = validated_data(JoinResendSerializer, request)["confirmation"]
        send_again(request, pk_of_handle(handle))
        return waits_for_mail(request, handle)
