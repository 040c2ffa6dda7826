"""Checking a request's body, and a new password against its owner."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError as InvalidValue
from rest_framework import serializers
from rest_framework.fields import get_error_detail
from rest_framework.request import Request

from accounts.models import User


def validated_data(
    serializer_class: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    """The checked body of the request. Raises `ValidationError`."""
    context = {"request": request}
    serializer = serializer_class(data=request.data, partial=partial, context=context)
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


def check_password_rules(password: str, *, user: User, field: str) -> None:
    """Raises `ValidationError` for `field` if the rules forbid this password to this user."""
    try:
        get_adapter().clean_password(password, user)
    except InvalidValue as error:
        raise serializers.ValidationError({field: get_error_detail(error)}) from error
