"""What the API takes and gives. Passwords lose the spaces around them, as at allauth's door."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError as InvalidValue
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.fields import get_error_detail

from accounts.adapter import PASSWORD_LENGTH
from accounts.models import User, UserManager
from config.api.links import LinkSerializer

TOKEN_LENGTH = 4096


class NormalEmailField(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        return UserManager.normalize_email(super().to_internal_value(data))


def password_field(**options: Any) -> serializers.CharField:
    return serializers.CharField(
        max_length=PASSWORD_LENGTH,
        write_only=True,
        style={"input_type": "password"},
        **options,
    )


def token_field(**options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=TOKEN_LENGTH, **options)


def check_password_rules(password: str, *, user: User, field: str) -> None:
    """Raises `ValidationError` for the field when the password must not be this person's."""
    try:
        get_adapter().clean_password(password, user)
    except InvalidValue as error:
        raise serializers.ValidationError({field: get_error_detail(error)}) from error


class JoinSerializer(serializers.Serializer[Any]):
    email = NormalEmailField(max_length=254)
    password = password_field(min_length=8)
    nickname = serializers.CharField(max_length=50, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        person = User(email=attrs["email"], nickname=attrs["nickname"])
        check_password_rules(attrs["password"], user=person, field="password")
        return attrs


class LoginSerializer(serializers.Serializer[Any]):
    email = NormalEmailField(max_length=254)
    password = password_field()


class LogoutSerializer(serializers.Serializer[Any]):
    refresh = token_field(required=False)


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = token_field()


class VerifySerializer(serializers.Serializer[Any]):
    token = token_field()


class ProfileChangeSerializer(serializers.Serializer[Any]):
    nickname = serializers.CharField(max_length=50, allow_blank=True)
    review_emails = serializers.BooleanField(
        required=False, help_text="Whether to be told by mail when a line is reviewed."
    )
    current_password = password_field(required=False)
    new_password = password_field(required=False, min_length=8)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "new_password" not in attrs:
            return attrs
        if "current_password" not in attrs:
            needed = serializers.ErrorDetail(_("Say your current password too."), code="required")
            raise serializers.ValidationError({"current_password": [needed]})
        user: User = self.context["request"].user
        check_password_rules(attrs["new_password"], user=user, field="new_password")
        return attrs


class LeaveSerializer(serializers.Serializer[Any]):
    password = password_field()


# --- Shapes of answers, for the schema ---------------------------------------------------------


class QuotaSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=0)
    used = serializers.IntegerField(min_value=0)
    remaining = serializers.IntegerField(min_value=0)
    resets_at = serializers.DateTimeField()


class ProfileSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    nickname = serializers.CharField()
    is_staff = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    review_emails = serializers.BooleanField(
        allow_null=True, help_text="Null where the site sends no such mails."
    )
    daily_limit = serializers.IntegerField(min_value=0)
    quota = QuotaSerializer(allow_null=True)
    links = LinkSerializer(many=True)


class ProfileChangedSerializer(ProfileSerializer):
    access = serializers.CharField(
        required=False, help_text="After a change of password by bearer token, the next token."
    )
    refresh = serializers.CharField(required=False)


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SignedInSerializer(TokenPairSerializer):
    user = ProfileSerializer()
    links = LinkSerializer(many=True)


class MailSentSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    links = LinkSerializer(many=True)


class FormFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.ChoiceField(["email", "password", "text"])
    required = serializers.BooleanField()  # type: ignore[assignment]
    min_length = serializers.IntegerField(allow_null=True)
    max_length = serializers.IntegerField(allow_null=True)


class JoinFormSerializer(serializers.Serializer[Any]):
    fields = FormFieldSerializer(many=True)  # type: ignore[assignment]
    password_rules = serializers.ListField(child=serializers.CharField())
    providers = serializers.ListField(child=serializers.CharField())
    links = LinkSerializer(many=True)


class LoginWaysSerializer(serializers.Serializer[Any]):
    fields = FormFieldSerializer(many=True)  # type: ignore[assignment]
    providers = serializers.ListField(child=serializers.CharField())
    links = LinkSerializer(many=True)
