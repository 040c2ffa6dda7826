"""/accounts/profile: the signed-in user's own account."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.confirmation import ConfirmedSerializer, confirm
from accounts.api.fields import NicknameField, password_field
from accounts.api.openapi import PROFILE, RETRY_AFTER, BodyOnDelete, example
from accounts.api.validation import check_password_rules, validated_data
from accounts.devices import origin_of
from accounts.profile import change_password, leave, profile_of, set_first_password
from config.api.links import LinkSerializer
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.scopes import Scope
from config.api.users import request_user

if TYPE_CHECKING:
    from accounts.models import User


class ProfileChangeSerializer(InputSerializer):
    nickname = NicknameField()
    review_emails = serializers.BooleanField(
        required=False, help_text="Whether to get a mail when one of the user's lines is reviewed."
    )
    current_password = password_field(required=False)
    new_password = password_field(required=False, min_length=8)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "new_password" not in attrs:
            return attrs
        user: User = self.context["request"].user
        if user.has_usable_password() and "current_password" not in attrs:
            text = _("Enter your current password, too.")
            needed = serializers.ErrorDetail(text, code="required")
            raise serializers.ValidationError({"current_password": [needed]})
        check_password_rules(attrs["new_password"], user=user, field="new_password")
        return attrs


class QuotaSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=0)
    used = serializers.IntegerField(min_value=0)
    remaining = serializers.IntegerField(min_value=0)
    resets_at = serializers.DateTimeField()


# The shape of `accounts.profile.profile_of`. (A docstring here would be published in schema.yaml.)
class ProfileSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.EmailField(
        allow_null=True, help_text="Null for people who joined by a provider that gave none."
    )
    has_password = serializers.BooleanField(
        help_text="False for people who sign in in other ways and have set none."
    )
    nickname = serializers.CharField()
    is_staff = serializers.BooleanField()
    second_factor_required = serializers.BooleanField(
        help_text="Whether the administration needs a second factor of this user."
    )
    created_at = serializers.DateTimeField()
    review_emails = serializers.BooleanField(
        allow_null=True, help_text="Null where the site sends no such mails."
    )
    daily_limit = serializers.IntegerField(min_value=0)
    chat_retention_days = serializers.IntegerField(
        min_value=1,
        max_value=36_500,
        allow_null=True,
        help_text="Days after its last question or answer on which a conversation is deleted; "
        "null: never.",
    )
    quota = QuotaSerializer(allow_null=True)
    links = LinkSerializer(many=True)


class ProfileChangedSerializer(ProfileSerializer):
    access = serializers.CharField(
        required=False, help_text="After a change of password by bearer token, the next token."
    )
    refresh = serializers.CharField(required=False)


class Profile(APIView):
    scopes = {"GET": Scope.PROFILE_READ}
    schema = BodyOnDelete()

    @extend_schema(
        summary="The own profile, with today's allowance",
        responses=ProfileSerializer,
        examples=[example("Alice", PROFILE, status=200)],
    )
    def get(self, request: Request) -> Response:
        return Response(profile_of(request_user(request), request=request))

    @extend_schema(
        summary="Change the nickname, and if given the password",
        request=ProfileChangeSerializer,
        parameters=[RETRY_AFTER],
        responses={200: ProfileChangedSerializer, **problems(_429="too_many_attempts")},
        examples=[example("Another name", {"nickname": "Alice in Seoul"})],
    )
    def put(self, request: Request) -> Response:
        return _change(request, validated_data(ProfileChangeSerializer, request))

    @extend_schema(
        summary="Change the nickname, the wish for mails, or the password",
        description="A new password ends all tokens and all other sessions. People without one "
        "(`has_password`) set a first one without `current_password`, with a fresh sign-in and a "
        "confirmed address.",
        request=ProfileChangeSerializer,
        parameters=[RETRY_AFTER],
        responses={
            200: ProfileChangedSerializer,
            **problems(
                _403="fresh_sign_in_required", _409="address_needed", _429="too_many_attempts"
            ),
        },
        examples=[
            example(
                "Another password",
                {"current_password": "correct horse battery", "new_password": "staple of paper"},
            )
        ],
    )
    def patch(self, request: Request) -> Response:
        return _change(request, validated_data(ProfileChangeSerializer, request, partial=True))

    @extend_schema(
        summary="Leave: removes the account and all that is its own",
        description="By a session that has signed in within the last minutes, or with the "
        "password. The lines that were submitted are deleted, too.",
        request=ConfirmedSerializer,
        parameters=[RETRY_AFTER],
        responses={
            204: None,
            **problems(_403="fresh_sign_in_required", _429="too_many_attempts"),
        },
        examples=[example("Leave", {"password": "correct horse battery"})],
    )
    def delete(self, request: Request) -> Response:
        confirm(request)
        leave(request, request_user(request))
        return Response(status=204)


def _change(request: Request, change: dict[str, Any]) -> Response:
    user = request_user(request)
    pair: Any = {}
    if new := change.get("new_password"):
        if user.has_usable_password():
            change_password(request, user, current=change["current_password"], new=new)
        else:
            set_first_password(request, user, new=new)
        if request.auth is not None:
            pair = tokens.issue(user, **origin_of(request))
    fields = [name for name in ("nickname", "review_emails") if name in change]
    for name in fields:
        setattr(user, name, change[name])
    if fields:
        user.save(update_fields=fields)
    return Response({**profile_of(user, request=request), **pair})
