"""/accounts/authorize: what the page shows and does when a native program asks to sign in."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.openapi import RETRY_AFTER, example
from accounts.api.tokens import SESSION
from accounts.authorization import LOOPBACK, make_code
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.limits import rate_limits
from accounts.nicknames import refuse_reserved
from config.api.fields import TextField
from config.api.links import base_url
from config.api.problem_docs import problems
from config.api.users import request_user

_SENT = {
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:51004/callback",
    "state": "xyz",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "client_name": "Daesa for the terminal",
}
_REFUSAL = _SENT["redirect_uri"] + "?error=access_denied&state=xyz&iss=https%3A%2F%2Fdaesa.example"
_ASKED = {"client_name": _SENT["client_name"], "address": "127.0.0.1:51004", "refusal": _REFUSAL}
_ALLOWED = _SENT["redirect_uri"] + "?code=0Zk…&state=xyz&iss=https%3A%2F%2Fdaesa.example"


def _name_field(**options: Any) -> TextField:
    """A program's own claim. It does not pose as this site."""
    return TextField(
        max_length=50,
        required=False,
        allow_blank=True,
        default="",
        validators=[refuse_reserved],
        **options,
    )


class AuthorizationSerializer(serializers.Serializer[Any]):
    """An authorization request (RFC 6749, 4.1.1). Unknown parameters are ignored, as the standard
    demands, so names that resemble known ones are no mistakes here.
    """

    response_type = serializers.ChoiceField(["code"])
    redirect_uri = serializers.RegexField(
        LOOPBACK,
        help_text="A loopback address, with the port at which the program hears.",
        error_messages={
            "invalid": _(
                "It must be http://127.0.0.1:PORT/… or http://[::1]:PORT/… with a plain path."
            )
        },
    )
    state = serializers.RegexField(
        r"^[\x20-\x7e]*$(?!\n)",
        max_length=255,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
    )
    code_challenge = serializers.RegexField(
        r"^[A-Za-z0-9_-]{43}$",
        max_length=43,
        error_messages={
            "invalid": _("This must be the SHA-256 of the verifier, in 43 characters of base64url.")
        },
    )
    code_challenge_method = serializers.ChoiceField(["S256"])
    client_id = _name_field(help_text="Any: no program is registered.")
    client_name = _name_field(help_text="What it calls itself; by default its `client_id`.")
    scope = serializers.CharField(
        max_length=0,
        required=False,
        allow_blank=True,
        help_text="There are none.",
        error_messages={"max_length": _("There are no scopes here. Leave it out.")},
    )


class AuthorizationAskedSerializer(serializers.Serializer[Any]):
    client_name = serializers.CharField(help_text="The program's own claim; may be empty.")
    address = serializers.CharField(help_text="Where on the user's machine it hears.")
    refusal = serializers.CharField(help_text="Where the browser goes if the user refuses.")


class AuthorizationGivenSerializer(serializers.Serializer[Any]):
    redirect_to = serializers.CharField(help_text="Where the browser goes with the code.")


class Authorize(APIView):
    @extend_schema(
        summary="Which program asks to sign in",
        description="For the page: the parameters are those with which the program has opened it.",
        parameters=[AuthorizationSerializer],
        responses=AuthorizationAskedSerializer,
        examples=[example("A program", _ASKED, status=200)],
    )
    def get(self, request: Request) -> Response:
        asked = _checked(request.query_params.dict())
        return Response(
            {
                "client_name": asked["client_name"],
                "address": urlsplit(asked["redirect_uri"]).netloc,
                "refusal": _redirect(request, asked, error="access_denied"),
            }
        )

    @extend_schema(
        summary="Allow a native program to sign in",
        description="Gives the code with which the program gets tokens at `/accounts/oauth/token`, "
        "once and within a minute. Needs a session with a sign-in of the last minutes; a bearer "
        "token obtains none.",
        auth=SESSION,
        request=AuthorizationSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: AuthorizationGivenSerializer,
            **problems(_403="csrf_failed, fresh_sign_in_required", _429="too_many_attempts"),
        },
        examples=[
            example("Allow", _SENT),
            example("Allowed", {"redirect_to": _ALLOWED}, status=200),
        ],
    )
    def post(self, request: Request) -> Response:
        asked, user = _checked(request.data), request_user(request)
        demand_fresh_sign_in(request)
        rate_limits.spend(request, action="token", key=str(user.pk))
        names = ("redirect_uri", "code_challenge", "client_id", "client_name")
        code = make_code(user, **{name: asked[name] for name in names})
        return Response({"redirect_to": _redirect(request, asked, code=code)})


def _checked(given: Any) -> dict[str, Any]:
    """Raises `ValidationError`. Nobody is sent to an address that is not valid."""
    serializer = AuthorizationSerializer(data=given)
    serializer.is_valid(raise_exception=True)
    asked: dict[str, Any] = serializer.validated_data
    return {**asked, "client_name": asked["client_name"] or asked["client_id"]}


def _redirect(request: Request, asked: dict[str, Any], **answer: str) -> str:
    """With the issuer (RFC 9207), so that the program can tell from whom the answer is."""
    if state := asked.get("state"):
        answer["state"] = state
    return f"{asked['redirect_uri']}?{urlencode({**answer, 'iss': base_url(request)})}"
