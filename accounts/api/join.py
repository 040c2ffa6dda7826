"""/accounts/join"""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import (
    NicknameField,
    NormalizedEmailField,
    invitation_field,
    password_field,
)
from accounts.api.form_description import (
    FormFieldSerializer,
    ProviderSerializer,
    form_fields,
    form_links,
    offered_providers,
)
from accounts.api.openapi import CREDENTIALS, PAIR, PROFILE, RETRY_AFTER, example
from accounts.api.tokens import SignedInSerializer, signed_in_body
from accounts.api.validation import check_password_rules, validated_data
from accounts.join import handle_of, join
from accounts.joining.admission import SignupRefused
from accounts.joining.approval import WaitsForApproval
from accounts.joining.invitations import find_by_token, keep_in_session
from accounts.limits import rate_limits
from accounts.limits.rate_limits import MAIL_PAUSE
from accounts.models import PendingJoin, User
from accounts.passwords import rules
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.times import local
from config.api.views import OpenView


class JoinSerializer(InputSerializer):
    email = NormalizedEmailField(max_length=254)
    password = password_field(min_length=8)
    nickname = NicknameField(required=False, default="")
    invitation = invitation_field(required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = User(email=attrs["email"], nickname=attrs["nickname"])
        check_password_rules(attrs["password"], user=user, field="password")
        return attrs


class SignupSerializer(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(["open", "approval", "invite", "closed"])
    domains = serializers.ListField(
        child=serializers.CharField(),
        help_text="Only addresses of these domains may join; `.example.com` includes subdomains. "
        "Empty: all.",
    )


class JoinFormSerializer(serializers.Serializer[Any]):
    fields = FormFieldSerializer(many=True)  # type: ignore[assignment]
    password_rules = serializers.ListField(child=serializers.CharField())
    advised_password_length = serializers.IntegerField(
        allow_null=True, help_text="Null where the address is verified by mail before a sign-in."
    )
    signup = SignupSerializer()
    providers = ProviderSerializer(many=True)
    links = LinkSerializer(many=True)


class WaitingSerializer(serializers.Serializer[Any]):
    waits_for = serializers.ChoiceField(
        ["mail", "approval"], help_text="What has to happen before the first sign-in."
    )
    detail = serializers.CharField()
    confirmation = serializers.CharField(
        help_text="Names this join where the code of the mail is sent, or the mail asked for "
        "again. Empty where there is no mail."
    )
    links = LinkSerializer(many=True)


class Join(OpenView):
    @extend_schema(summary="What joining needs", responses=JoinFormSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "fields": form_fields(JoinSerializer()),
                "password_rules": rules.rules(),
                "advised_password_length": rules.length_advice(),
                "signup": {"mode": settings.SIGNUP, "domains": settings.SIGNUP_DOMAINS},
                "providers": offered_providers(),
                "links": form_links(request, "accounts:join"),
            }
        )

    @extend_schema(
        summary="Join",
        description="Where addresses must be confirmed first (`EMAIL_VERIFICATION`), the answer "
        "is 202 for every address. It is 202, too, where staff have to approve the join. Who may "
        "join is said by `signup` of the form; others get 403.",
        request=JoinSerializer,
        parameters=[RETRY_AFTER],
        responses={
            201: SignedInSerializer,
            202: WaitingSerializer,
            **problems(
                _400="invalid",
                _403="signup_closed, signup_invite, signup_domain",
                _429="too_many_attempts",
            ),
        },
        examples=[
            example("Join", {**CREDENTIALS, "nickname": "alice"}),
            example("Joined", {**PAIR, "user": PROFILE, "links": PROFILE["links"]}, status=201),
        ],
    )
    def post(self, request: Request) -> Response:
        user = join(request, **validated_data(JoinSerializer, request))
        if isinstance(user, PendingJoin):
            return waits_for_mail(request, handle_of(user))
        if not user.is_active:
            return waits_for_approval(request)
        headers = {"Location": absolute(request, "accounts:profile")}
        return Response(signed_in_body(request, user), status=201, headers=headers)


def waits_for_mail(request: Request, handle: str) -> Response:
    body = {
        "waits_for": "mail",
        "detail": _("We have sent you a mail. Follow the link in it or enter its code to go on."),
        "confirmation": handle,
        "links": [
            link("confirm", absolute(request, "accounts:join-confirm"), "POST"),
            link("resend", absolute(request, "accounts:join-resend"), "POST"),
            link("login", absolute(request, "accounts:login"), "POST"),
        ],
    }
    return Response(body, status=202, headers={"Retry-After": str(MAIL_PAUSE)})


def waits_for_approval(request: Request) -> Response:
    body = {
        "waits_for": "approval",
        "detail": WaitsForApproval.default_detail,
        "confirmation": "",
        "links": [link("login", absolute(request, "accounts:login"), "POST")],
    }
    return Response(body, status=202)


class InvitationSerializer(InputSerializer):
    invitation = invitation_field()


class InvitationShownSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(help_text="The only address that it is for; empty: any.")
    expires_at = serializers.DateTimeField()


class InvitationView(OpenView):
    @extend_schema(
        summary="Open an invitation",
        description="Says whether it can be used, and keeps it in the session: a sign-up from "
        "there, by a provider too, is by this invitation.",
        request=InvitationSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: InvitationShownSerializer,
            **problems(_403="signup_closed, signup_invite", _429="too_many_attempts"),
        },
    )
    def post(self, request: Request) -> Response:
        token = validated_data(InvitationSerializer, request)["invitation"]
        rate_limits.spend(request, action="invitation")
        if settings.SIGNUP == "closed":
            raise SignupRefused("signup_closed")
        found = find_by_token(token)
        if found is None:
            raise SignupRefused("signup_invite")
        keep_in_session(request._request, token)  # noqa: SLF001
        return Response({"email": found.email, "expires_at": local(found.expires_at).isoformat()})
