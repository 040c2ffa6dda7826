"""/accounts: joining, signing in and out, tokens, and the own profile."""

from typing import Any, cast

from django.contrib.auth import logout
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import AccessToken

from accounts import tokens
from accounts.authentication import (
    CHALLENGE,
    LeavingAuthentication,
    SessionAuthentication,
    owner_of,
)
from accounts.join import join
from accounts.models import User
from accounts.profile import change_password, leave, profile_of
from accounts.schema import PAIR, PROFILE, RETRY_AFTER, BodyOnDelete, example, problems
from accounts.serializers import (
    JoinFormSerializer,
    JoinSerializer,
    LeaveSerializer,
    LoginSerializer,
    LoginWaysSerializer,
    LogoutSerializer,
    MailSentSerializer,
    ProfileChangedSerializer,
    ProfileChangeSerializer,
    ProfileSerializer,
    RefreshSerializer,
    SignedInSerializer,
    TokenPairSerializer,
    VerifySerializer,
)
from accounts.sign_in import sign_in
from config.api.links import Link, absolute, link

BEARER: list[Any] = [{"bearerAuth": []}]
BEARER_OR_SESSION: list[Any] = [*BEARER, {"cookieAuth": []}, {}]
CREDENTIALS = {"email": "alice@example.com", "password": "correct horse battery"}


class Open(APIView):
    """For everybody. A token that came along is not looked at: a stale one is in nobody's way."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return CHALLENGE


class Join(Open):
    @extend_schema(
        summary="What joining needs",
        responses=JoinFormSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                "fields": form_fields(JoinSerializer()),
                "password_rules": password_validators_help_texts(),
                "providers": [],
                "links": _doors(request, "accounts:join"),
            }
        )

    @extend_schema(
        summary="Join",
        description="Where addresses are verified first, the answer is 202, whoever's they are.",
        request=JoinSerializer,
        parameters=[RETRY_AFTER],
        responses={
            201: SignedInSerializer,
            202: MailSentSerializer,
            **problems(_400="invalid", _429="too_many_attempts"),
        },
        examples=[
            example("Join", {**CREDENTIALS, "nickname": "alice"}),
            example("Joined", {**PAIR, "user": PROFILE, "links": PROFILE["links"]}, status=201),
        ],
    )
    def post(self, request: Request) -> Response:
        user = join(request, **_input(JoinSerializer, request))
        if user is None:
            body = {
                "detail": _("We have sent you a mail. Follow the link in it to go on."),
                "links": [link("login", absolute(request, "accounts:login"), "POST")],
            }
            return Response(body, status=202)
        headers = {"Location": absolute(request, "accounts:profile")}
        return Response(_signed_in(request, user), status=201, headers=headers)


class Login(Open):
    @extend_schema(summary="The ways to sign in", responses=LoginWaysSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "fields": form_fields(LoginSerializer()),
                "providers": [],
                "links": _doors(request, "accounts:login"),
            }
        )

    @extend_schema(
        summary="Sign in for tokens",
        request=LoginSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: SignedInSerializer,
            **problems(
                _401="invalid_credentials", _403="email_not_verified", _429="too_many_attempts"
            ),
        },
        examples=[
            example("Sign in", CREDENTIALS),
            example("Signed in", {**PAIR, "user": PROFILE, "links": PROFILE["links"]}, status=200),
        ],
    )
    def post(self, request: Request) -> Response:
        user = sign_in(request, **_input(LoginSerializer, request))
        return Response(_signed_in(request, user))


class Logout(APIView):
    authentication_classes = (LeavingAuthentication, SessionAuthentication)
    permission_classes = (AllowAny,)

    @extend_schema(
        summary="End the access token that this request brings",
        auth=BEARER,
        responses={204: None, **problems(_401="not_authenticated")},
    )
    def get(self, request: Request) -> Response:
        if not isinstance(request.successful_authenticator, LeavingAuthentication):
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
        refresh = _input(LogoutSerializer, request).get("refresh")
        if not (refresh or request.successful_authenticator):
            raise NotAuthenticated
        if refresh:
            tokens.end_refresh(refresh)
        _end_access(request)
        if isinstance(request.successful_authenticator, SessionAuthentication):
            logout(request._request)  # noqa: SLF001
        return Response(status=204)


class TokenRefresh(Open):
    @extend_schema(
        summary="A new pair of tokens for a refresh token, which is spent by it",
        request=RefreshSerializer,
        responses={200: TokenPairSerializer, **problems(_401="token_not_valid")},
        examples=[
            example("Renew", {"refresh": PAIR["refresh"]}),
            example("Renewed", PAIR, status=200),
        ],
    )
    def post(self, request: Request) -> Response:
        return Response(tokens.renew(_input(RefreshSerializer, request)["refresh"]))


class TokenVerify(Open):
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
        raw = _input(VerifySerializer, request)["token"]
        try:
            owner_of(tokens.read(AccessToken, raw))
        except tokens.InvalidToken:
            tokens.owner_of_refresh(tokens.read(tokens.Refresh, raw))
        return Response({})


class Profile(APIView):
    schema = BodyOnDelete()

    @extend_schema(
        summary="The own profile, with today's allowance",
        responses=ProfileSerializer,
        examples=[example("Alice", PROFILE, status=200)],
    )
    def get(self, request: Request) -> Response:
        return Response(profile_of(cast("User", request.user), request=request))

    @extend_schema(
        summary="Change the nickname, and if given the password",
        request=ProfileChangeSerializer,
        parameters=[RETRY_AFTER],
        responses={200: ProfileChangedSerializer, **problems(_429="too_many_attempts")},
        examples=[example("Another name", {"nickname": "Alice in Seoul"})],
    )
    def put(self, request: Request) -> Response:
        return self._change(request, partial=False)

    @extend_schema(
        summary="Change the nickname, the wish for mails, or the password",
        description="A new password ends every token and every other session.",
        request=ProfileChangeSerializer,
        parameters=[RETRY_AFTER],
        responses={200: ProfileChangedSerializer, **problems(_429="too_many_attempts")},
        examples=[
            example(
                "Another password",
                {"current_password": "correct horse battery", "new_password": "staple of paper"},
            )
        ],
    )
    def patch(self, request: Request) -> Response:
        return self._change(request, partial=True)

    @extend_schema(
        summary="Leave: removes the account and all that is its own",
        request=LeaveSerializer,
        parameters=[RETRY_AFTER],
        responses={204: None, **problems(_429="too_many_attempts")},
        examples=[example("Leave", {"password": "correct horse battery"})],
    )
    def delete(self, request: Request) -> Response:
        leave(request, cast("User", request.user), **_input(LeaveSerializer, request))
        return Response(status=204)

    def _change(self, request: Request, *, partial: bool) -> Response:
        user = cast("User", request.user)
        change = _input(ProfileChangeSerializer, request, partial=partial)
        pair: Any = {}
        if new := change.get("new_password"):
            change_password(request, user, current=change["current_password"], new=new)
            if request.auth is not None:
                pair = tokens.issue(user)
        kept = [name for name in ("nickname", "review_emails") if name in change]
        for name in kept:
            setattr(user, name, change[name])
        if kept:
            user.save(update_fields=kept)
        return Response({**profile_of(user, request=request), **pair})


def form_fields(serializer: serializers.Serializer[Any]) -> list[dict[str, Any]]:
    """What a program needs to know to draw the form."""
    return [
        {
            "name": name,
            "type": "email" if name == "email" else field.style.get("input_type", "text"),
            "required": field.required,
            "min_length": getattr(field, "min_length", None),
            "max_length": getattr(field, "max_length", None),
        }
        for name, field in serializer.fields.items()
    ]


def _input(
    kind: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    serializer = kind(data=request.data, partial=partial, context={"request": request})
    serializer.is_valid(raise_exception=True)
    taken: dict[str, Any] = serializer.validated_data
    return taken


def _signed_in(request: Request, user: User) -> dict[str, Any]:
    links = [
        link("profile", absolute(request, "accounts:profile")),
        link("refresh", absolute(request, "accounts:token-refresh"), "POST"),
        link("logout", absolute(request, "accounts:logout"), "POST"),
    ]
    return {**tokens.issue(user), "user": profile_of(user, request=request), "links": links}


def _doors(request: Request, this: str) -> list[Link]:
    """The other address of a form's page is the one for who has, or lacks, an account."""
    session = "headless:browser:account:" + {"accounts:join": "signup"}.get(this, "login")
    return [
        link("self", absolute(request, this)),
        link("submit", absolute(request, this), "POST"),
        link("session", absolute(request, session), "POST"),
        *(
            link(name.split(":")[1], absolute(request, name))
            for name in ("accounts:join", "accounts:login")
            if name != this
        ),
    ]


def _end_access(request: Request) -> None:
    if isinstance(request.auth, AccessToken):
        tokens.end_access(request.auth)
