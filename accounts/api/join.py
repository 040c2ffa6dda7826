"""/accounts/join"""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import NicknameField, NormalizedEmailField, password_field
from accounts.api.form_description import FormFieldSerializer, form_fields, form_links
from accounts.api.openapi import CREDENTIALS, PAIR, PROFILE, RETRY_AFTER, example
from accounts.api.tokens import SignedInSerializer, signed_in_body
from accounts.api.validation import check_password_rules, validated_data
from accounts.join import join
from accounts.models import User
from accounts.passwords import rules
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.views import OpenView


class JoinSerializer(InputSerializer):
    email = NormalizedEmailField(max_length=254)
    password = password_field(min_length=8)
    nickname = NicknameField(required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = User(email=attrs["email"], nickname=attrs["nickname"])
        check_password_rules(attrs["password"], user=user, field="password")
        return attrs


class JoinFormSerializer(serializers.Serializer[Any]):
    fields = FormFieldSerializer(many=True)  # type: ignore[assignment]
    password_rules = serializers.ListField(child=serializers.CharField())
    advised_password_length = serializers.IntegerField(
        allow_null=True, help_text="Null where the address is verified by mail before a sign-in."
    )
    providers = serializers.ListField(child=serializers.CharField())
    links = LinkSerializer(many=True)


class MailSentSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    links = LinkSerializer(many=True)


class Join(OpenView):
    @extend_schema(summary="What joining needs", responses=JoinFormSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "fields": form_fields(JoinSerializer()),
                "password_rules": rules.rules(),
                "advised_password_length": rules.length_advice(),
                "providers": [],
                "links": form_links(request, "accounts:join"),
            }
        )

    @extend_schema(
        summary="Join",
        description="Where addresses must be confirmed first (`EMAIL_VERIFICATION`), the answer "
        "is 202 for every address.",
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
        user = join(request, **validated_data(JoinSerializer, request))
        if user is None:
            body = {
                "detail": _("We have sent you a mail. Follow the link in it to go on."),
                "links": [link("login", absolute(request, "accounts:login"), "POST")],
            }
            return Response(body, status=202)
        headers = {"Location": absolute(request, "accounts:profile")}
        return Response(signed_in_body(request, user), status=201, headers=headers)
