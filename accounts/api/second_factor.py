"""/accounts/login/second-factor: the second step of a program's sign-in."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.openapi import PAIR, PROFILE, RETRY_AFTER, example
from accounts.api.tokens import SignedInSerializer, signed_in_body
from accounts.api.validation import validated_data
from accounts.mfa.codes import LONGEST
from accounts.sign_in import complete_sign_in
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.views import OpenView

CHALLENGE = "WzEsMSwiN2Y…"


class SecondFactorSerializer(InputSerializer):
    challenge = serializers.CharField(max_length=500)
    code = serializers.CharField(max_length=LONGEST)


class SecondFactor(OpenView):
    @extend_schema(
        summary="Send the code of the second factor, for tokens",
        description="`challenge` is from the 401 of `/accounts/login`: valid for five minutes, for "
        "five codes and one sign-in. `code` is of an authenticator app, or a recovery code; each "
        "works once.",
        request=SecondFactorSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: SignedInSerializer,
            **problems(
                _401="challenge_not_valid, wrong_code",
                _429="too_many_attempts, second_factor_stopped",
            ),
        },
        examples=[
            example("Send a code", {"challenge": CHALLENGE, "code": "123456"}),
            example("Signed in", {**PAIR, "user": PROFILE, "links": PROFILE["links"]}, status=200),
        ],
    )
    def post(self, request: Request) -> Response:
        user = complete_sign_in(request, **validated_data(SecondFactorSerializer, request))
        return Response(signed_in_body(request, user))
