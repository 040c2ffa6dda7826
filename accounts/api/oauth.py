"""The token endpoint of OAuth 2.0 and its metadata, in the forms that libraries of OAuth clients
know. Access and refresh tokens are those of `/accounts/login`.
"""

import time
from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.api.fields import token_field
from accounts.api.openapi import PAIR, RETRY_AFTER, example
from accounts.authorization import GrantRefused, exchange
from accounts.limits import rate_limits
from accounts.token_renewal import renew_tokens
from accounts.tokens import Access, InvalidToken, TokenPair
from config.api.links import absolute, base_url
from config.api.parsers import FormParser
from config.api.problem_docs import problems
from config.api.problems import CONTENT_TYPE, ProblemResponse
from config.api.views import OpenView

_GIVEN = {
    "access_token": PAIR["access"],
    "refresh_token": PAIR["refresh"],
    "token_type": "Bearer",
    "expires_in": 900,
}


class CodeGrantSerializer(serializers.Serializer[Any]):
    """RFC 6749, 4.1.3 and RFC 7636, 4.5. Parameters that are not known are ignored (3.2)."""

    grant_type = serializers.ChoiceField(["authorization_code"])
    code = serializers.CharField(max_length=100)
    redirect_uri = serializers.CharField(max_length=150)
    code_verifier = serializers.RegexField(
        r"^[A-Za-z0-9._~-]{43,128}$", min_length=43, max_length=128
    )
    client_id = serializers.CharField(max_length=50, required=False)


class RefreshGrantSerializer(serializers.Serializer[Any]):
    """RFC 6749, 6."""

    grant_type = serializers.ChoiceField(["refresh_token"])
    refresh_token = token_field()


class TokenGivenSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.ChoiceField(["Bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds that the access token is valid for.")


class OAuthMetadataSerializer(serializers.Serializer[Any]):
    issuer = serializers.CharField()
    authorization_endpoint = serializers.CharField()
    token_endpoint = serializers.CharField()
    response_types_supported = serializers.ListField(child=serializers.CharField())
    response_modes_supported = serializers.ListField(child=serializers.CharField())
    grant_types_supported = serializers.ListField(child=serializers.CharField())
    code_challenge_methods_supported = serializers.ListField(child=serializers.CharField())
    token_endpoint_auth_methods_supported = serializers.ListField(child=serializers.CharField())
    authorization_response_iss_parameter_supported = serializers.BooleanField()


class OAuthToken(OpenView):
    parser_classes = (FormParser,)

    @extend_schema(
        summary="Tokens for a native program, by an authorization code or a refresh token",
        description="RFC 6749, 4.1.3 and 6. A code or refresh token that comes a second time ends "
        "all tokens of its sign-in. Errors have the member `error` of RFC 6749, 5.2, and are plain "
        "`application/json` to clients that accept only that.",
        request=PolymorphicProxySerializer(
            component_name="TokenGrant",
            serializers={
                "authorization_code": CodeGrantSerializer,
                "refresh_token": RefreshGrantSerializer,
            },
            resource_type_field_name="grant_type",
        ),
        parameters=[RETRY_AFTER],
        responses={
            200: TokenGivenSerializer,
            **problems(
                _400="invalid, invalid_grant, unsupported_grant_type",
                _429="too_many_attempts, too_many_writes",
            ),
        },
        examples=[example("Tokens", _GIVEN, status=200)],
    )
    def post(self, request: Request) -> Response:
        form: Any = request.data
        kind = form.get("grant_type", "")
        serializer_class, grant = _GRANTS.get(kind, (CodeGrantSerializer, _by_code))
        if kind and kind not in _GRANTS:
            raise GrantRefused(code="unsupported_grant_type")
        serializer = serializer_class(data=form)
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        del given["grant_type"]
        return Response(_body(grant(request, **given)))

    def handle_exception(self, exc: Exception) -> Response:
        """What is wrong with a request is `invalid_request`, unless it says more."""
        response = super().handle_exception(exc)
        is_for_client = response.status_code in {400, 405, 406, 413, 415}
        if is_for_client and isinstance(response, ProblemResponse):
            response.data.setdefault("error", "invalid_request")
            kinds = [CONTENT_TYPE, "application/json"]
            response.media_type = self.request.get_preferred_type(kinds) or CONTENT_TYPE
        return response


class OAuthMetadata(OpenView):
    @extend_schema(
        summary="The OAuth endpoints of this server (RFC 8414)", responses=OAuthMetadataSerializer
    )
    def get(self, request: Request) -> Response:
        issuer = base_url(request)
        return Response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",  # of the page
                "token_endpoint": absolute(request, "accounts:oauth-token"),
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": list(_GRANTS),
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "authorization_response_iss_parameter_supported": True,
            }
        )


def _by_code(request: Request, **given: str) -> TokenPair:
    rate_limits.spend(request, action="sign_in")
    return exchange(request, **given)


def _by_refresh_token(request: Request, *, refresh_token: str) -> TokenPair:
    try:
        return renew_tokens(request, refresh_token)
    except InvalidToken as error:
        raise GrantRefused(str(error.detail)) from error


_GRANTS: dict[str, tuple[type[serializers.Serializer[Any]], Callable[..., TokenPair]]] = {
    "authorization_code": (CodeGrantSerializer, _by_code),
    "refresh_token": (RefreshGrantSerializer, _by_refresh_token),
}


def _body(pair: TokenPair) -> dict[str, Any]:
    """The shape of `TokenGivenSerializer` (RFC 6749, 5.1)."""
    end = tokens.read(Access, pair["access"])["exp"]
    return {
        "access_token": pair["access"],
        "refresh_token": pair["refresh"],
        "token_type": "Bearer",
        "expires_in": max(0, end - int(time.time())),
    }
