"""/accounts/login, /accounts/logout and /accounts/token: the tokens of programs."""

from typing import Any

from django.contrib.auth import logout
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.fields import NormalizedEmailField, password_field, token_field
from accounts.api.form_description import FormFieldSerializer, form_fields, form_links
from accounts.api.openapi import CREDENTIALS, PAIR, PROFILE, RETRY_AFTER, example
from accounts.api.profile import ProfileSerializer
from accounts.api.validation import validated_data
from accounts.authentication import LogoutAuthentication, SessionAuthentication, owner_of
from accounts.models import User
from accounts.profile import profile_of
from accounts.sign_in import sign_in
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.views import OpenView
from config.api.writes import count_write

BEARER: list[Any] = [{"bearerAuth": []}]
BEARER_OR_SESSION: list[Any] = [*BEARER, {"cookieAuth": []}, {}]


class LoginSerializer(InputSerializer):
    email = NormalizedEmailField(max_length=254)
    password = password_field()


class LoginWaysSerializer(serializers.Serializer[Any]):
    fields = FormFieldSerializer(many=True)  # type: ignore[assignment]
    providers = serializers.ListField(child=serializers.CharField())
    links = LinkSerializer(many=True)


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SignedInSerializer(TokenPairSerializer):
    user = ProfileSerializer()
    links = LinkSerializer(many=True)


class LogoutSerializer(InputSerializer):
    refresh = token_field(required=False)


class RefreshSerializer(InputSerializer):
    refresh = token_field()


class VerifySerializer(InputSerializer):
    token = token_field()


class Login(OpenView):
    @extend_schema(summary="The ways to sign in", responses=LoginWaysSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "fields": form_fields(LoginSerializer()),
                "providers": [],
                "links": form_links(request, "accounts:login"),
            }
        )

    @extend_schema(
        summary="Sign in for tokens",
        request=LoginSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: SignedInSerializer,
            **problems(
                _401="invalid_credentials",
                _403="email_not_verified",
                _429="too_many_attempts, sign_in_stopped",
            ),
        },
        examples=[
            example("Sign in", CREDENTIALS),
            example("Signed in", {**PAIR, "user": PROFILE, "links": PROFILE["links"]}, status=200),
        ],
    )
    def post(self, request: Request) -> Response:
        user = sign_in(request, **validated_data(LoginSerializer, request))
        return Response(signed_in_body(request, user))


class Logout(APIView):
    authentication_classes = (LogoutAuthentication, SessionAuthentication)
    permission_classes = (AllowAny,)

    @extend_schema(
        summary="End the access token that this request brings",
        auth=BEARER,
        responses={204: None, **problems(_401="not_authenticated")},
    )
    def get(self, request: Request) -> Response:
        if not isinstance(request.successful_authenticator, LogoutAuthentication):
            raise NotAuthenticated
        _end_access(request)
        return Response(status=204)

    @extend_schema(
        summary="End a refresh token, and the access token or session of this request",
        request=LogoutSerializer,
        auth=BEARER_OR_SESSION,
        responses={204: None, **problems(_401="not_authenticated", _403="csrf_failed")},
        examples=[example("Sign out", {"refresh": PAIR["refresh"]})],
    )
    def post(self, request: Request) -> Response:
        refresh = validated_data(LogoutSerializer, request).get("refresh")
        if not (refresh or request.successful_authenticator):
            raise NotAuthenticated
        if refresh:
            tokens.end_refresh(refresh)
        _end_access(request)
        if isinstance(request.successful_authenticator, SessionAuthentication):
            logout(request._request)  # noqa: SLF001
        return Response(status=204)


class TokenRefresh(OpenView):
    @extend_schema(
        summary="A new pair of tokens for a refresh token, which is spent by it",
        request=RefreshSerializer,
        responses={
            200: TokenPairSerializer,
            **problems(_401="token_not_valid", _429="too_many_writes"),
        },
        examples=[
            example("Renew", {"refresh": PAIR["refresh"]}),
            example("Renewed", PAIR, status=200),
        ],
    )
    def post(self, request: Request) -> Response:
        raw = validated_data(RefreshSerializer, request)["refresh"]
        refresh = tokens.read(tokens.Refresh, raw)
        owner = tokens.owner_of_refresh(refresh)
        count_write(owner.pk)
        return Response(tokens.renew(refresh, owner=owner))


class TokenVerify(OpenView):
    @extend_schema(
        summary="Whether an access or refresh token would be taken now",
        request=VerifySerializer,
        responses={
            200: OpenApiTypes.OBJECT,
            **problems(_401="token_not_valid"),
        },
        examples=[
            example("Ask", {"token": PAIR["access"]}),
            example("It would", {}, status=200),
        ],
    )
    def post(self, request: Request) -> Response:
        raw = validated_data(VerifySerializer, request)["token"]
        try:
            owner_of(tokens.read(tokens.Access, raw))
        except tokens.InvalidToken:
            tokens.owner_of_refresh(tokens.read(tokens.Refresh, raw))
        return Response({})


def signed_in_body(request: Request, user: User) -> dict[str, Any]:
    """A new pair of tokens and the profile, in the shape of `SignedInSerializer`."""
    links = [
        link("profile", absolute(request, "accounts:profile")),
        link("refresh", absolute(request, "accounts:token-refresh"), "POST"),
        link("logout", absolute(request, "accounts:logout"), "POST"),
    ]
    return {**tokens.issue(user), "user": profile_of(user, request=request), "links": links}


def _end_access(request: Request) -> None:
    if isinstance(request.auth, tokens.Access):
        tokens.end_access(request.auth)
