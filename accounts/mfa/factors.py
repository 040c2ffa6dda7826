"""Which second factors a user has, and taking all of them away."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import trail
from accounts.mfa import mails
from accounts.models import User
from config.api.problems import Problem

Type = Authenticator.Type
CODE_TYPES = (Type.TOTP, Type.RECOVERY_CODES)


class StaffNeedSecondFactor(Problem):
    """`REQUIRE_STAFF_MFA`."""

    status_code = 403
    default_code = "staff_need_second_factor"
    default_detail = _(
        "Staff need a second factor here. Add one under Settings, Security, then try again."
    )


def types_of(user: User) -> list[str]:
    """`totp`, `recovery_codes` and `webauthn`, as far as the user has them."""
    rows = Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True)
    return sorted(set(rows))


def has_factor(user: User) -> bool:
    """Whether signing in needs more than the password. Recovery codes alone are no factor."""
    rows = Authenticator.objects.filter(user_id=user.pk).exclude(type=Type.RECOVERY_CODES)
    return bool(rows.exists())


def lacks_required_factor(user: User) -> bool:
    return bool(settings.REQUIRE_STAFF_MFA and user.is_staff and not has_factor(user))


def demand_staff_factor(user: User) -> None:
    """For what only staff may do outside of the administration, which asks for itself.

    Raises `StaffNeedSecondFactor`.
    """
    if lacks_required_factor(user):
        raise StaffNeedSecondFactor


def passkeys_of(user: User) -> int:
    return int(Authenticator.objects.filter(user_id=user.pk, type=Type.WEBAUTHN).count())


def needs_passkeys(user: User) -> bool:
    """Whether passkeys are the user's only way to sign in."""
    other = user.has_usable_password() or SocialAccount.objects.filter(user_id=user.pk).exists()
    return not other


def remove_all(user: User, *, actor: User, request: Request | HttpRequest) -> bool:
    """For somebody who is locked out. Tells them by mail. False if there was nothing."""
    with transaction.atomic():
        removed = types_of(user)
        Authenticator.objects.filter(user_id=user.pk).delete()
        for kind in removed:
            trail.record(
                user,
                trail.Kind.FACTOR_REMOVED,
                request=request,
                reason="by_staff",
                actor=actor,
                type=kind,
            )
    if removed:
        mails.tell(user, "factor_removed_by_staff")
    return bool(removed)
