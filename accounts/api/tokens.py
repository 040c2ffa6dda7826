"""/accounts/login, /accounts/logout and /accounts/token…: the tokens of programs."""

from typing import Any

from django.conf import settings
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
from accounts.api.form_description import (
    FormFieldSerializer,
    ProviderSerializer,
    form_fields,
    form_links,
    offered_providers,
)
from accounts.api.openapi import CREDENTIALS, PAIR, PROFILE, RETRY_AFTER, example
from accounts.api.profile import ProfileSerializer
from accounts.api.validation import validated_data
from accounts.authentication import LogoutAuthentication, SessionAuthentication, owner_of
from accounts.devices import origin_of
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.limits import rate_limits
from accounts.models import User
from accounts.profile import profile_of
from accounts.sign_in import sign_in
from accounts.token_renewal import renew_tokens
from accounts.trail import Kind, record
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.users import request_user
from config.api.views import OpenView

BEARER: list[Any] = [{"bearerAuth": []}]
SESSION: list[Any] = [{"cookieAuth": []}]
BEARER_OR_SESSION: list[Any] = [*BEARER, {"cookieAuth": []}, {}]


class LoginSerializer(InputSerializer):
    email = NormalizedEmailField(max_length=254)
    password = password_field()


class LoginWaysSerializer(serializers.Serializer[Any]):
    fields = FormFieldSerializer(many=True)  # type: ignore[assignment]
    providers = ProviderSerializer(many=True)
    daily_limit = serializers.IntegerField(
        help_text="How many questions a new account may ask on a day."
    )
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
                "providers": offered_providers(),
                "daily_limit": settings.DAILY_CHAT_LIMIT,
                "links": form_links(request, "accounts:login"),
            }
        )

    @extend_schema(
        summary="Sign in for tokens",
        description="A user with a second factor gets 401 `second_factor_required` with the "
        "members `challenge` and `types` (`totp`, `recovery_codes`), and goes on at "
        "`/accounts/login/second-factor`. Passkeys are for browsers.",
        request=LoginSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: SignedInSerializer,
            **problems(
                _401="invalid_credentials, second_factor_required",
                _403="email_not_verified, waits_for_approval, join_declined",
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
        summary="End the tokens of the sign-in whose access token this request brings",
        auth=BEARER,
        responses={204: None, **problems(_401="not_authenticated")},
    )
    def get(self, request: Request) -> Response:
        if not isinstance(request.successful_authenticator, LogoutAuthentication):
            raise NotAuthenticated
        _sign_out(request, request.auth)
        return Response(status=204)

    @extend_schema(
        summary="End the tokens of a sign-in, by one of them, or the session of this request",
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
            _sign_out(request, tokens.read(tokens.MaybeExpiredRefresh, refresh))
        if request.auth is not None:
            _sign_out(request, request.auth)
        if isinstance(request.successful_authenticator, SessionAuthentication):
            logout(request._request)  # noqa: SLF001
        return Response(status=204)


class TokenPairs(APIView):
    @extend_schema(
        summary="A pair of tokens for a program, by the session of the page",
        description="For people who sign in without a password, too. Needs a sign-in of the last "
        "minutes; a bearer token obtains none.",
        auth=SESSION,
        request=None,
        parameters=[RETRY_AFTER],
        responses={
            201: TokenPairSerializer,
            **problems(_403="csrf_failed, fresh_sign_in_required", _429="too_many_attempts"),
        },
        examples=[example("A pair", PAIR, status=201)],
    )
    def post(self, request: Request) -> Response:
        demand_fresh_sign_in(request)
        user = request_user(request)
        rate_limits.spend(request, action="token", key=str(user.pk))
        pair = tokens.issue(user, **origin_of(request))
        record(user, Kind.TOKEN_MADE, request=request, reason="pair_by_session")
        return Response(pair, status=201)


class TokenRefresh(OpenView):
    @extend_schema(
        summary="A new pair of tokens for a refresh token, which is spent by it",
        description="A spent refresh token that comes back ends all tokens of its sign-in, and a "
        "mail tells the owner: renew one at a time.",
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
        return Response(
            renew_tokens(request, validated_data(RefreshSerializer, request)["refresh"])
        )


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
    pair = tokens.issue(user, **origin_of(request))
    return {**pair, "user": profile_of(user, request=request), "links": links}


def _sign_out(request: Request, token: Any) -> None:
    if user := tokens.end_family_of(token):
        record(user, Kind.SIGNED_OUT, request=request)
