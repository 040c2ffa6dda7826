"""Confirming that it is still the user, for what is dangerous: a fresh session, or the password."""

from django.utils.translation import gettext
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts.api.fields import password_field
from accounts.api.validation import validated_data
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.sign_in import confirm_password
from config.api.names import InputSerializer
from config.api.users import request_user


class ConfirmedSerializer(InputSerializer):
    password = password_field(
        required=False,
        help_text="Needed with a bearer token, and by a session that has not signed in or "
        "confirmed within the last minutes.",
    )


def confirm(request: Request) -> None:
    """Checks the password of the body if there is one, else that the session is fresh.

    Raises `FreshSignInRequired`, `ValidationError` or `TooManyAttempts`.
    """
    password = validated_data(ConfirmedSerializer, request).get("password")
    if password is not None:
        confirm_password(request, request_user(request), password=password, field="password")
    elif request.auth is not None and request_user(request).has_usable_password():
        needed = ErrorDetail(gettext("Enter your password, too."), code="required")
        raise ValidationError({"password": [needed]})
    else:
        demand_fresh_sign_in(request)
