"""What somebody sees of their own account, and what they change of it.

The allowance belongs to `chat`, which this app must not know: it is told at start who can say it.
"""

from collections.abc import Callable
from typing import Any, TypedDict

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.db import transaction
from rest_framework.request import Request
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import User
from accounts.sign_in import confirm_password
from config.api.links import Link, absolute, link
from config.api.times import local


class Quota(TypedDict):
    limit: int
    used: int
    remaining: int
    resets_at: str


QuotaOf = Callable[[User], Any]


class _Registry:
    quota_of: QuotaOf | None = None


def provide_quota(quota_of: QuotaOf) -> None:
    """Names the function that tells today's `Quota` of somebody. For an `AppConfig.ready`."""
    _Registry.quota_of = staticmethod(quota_of)


def quota_of(user: User) -> Quota | None:
    """None while nobody provides it."""
    found: Quota | None = _Registry.quota_of(user) if _Registry.quota_of else None
    return found


def daily_limit_of(user: User) -> int:
    return settings.DAILY_CHAT_LIMIT if user.daily_limit is None else user.daily_limit


def profile_of(user: User, *, request: Request) -> dict[str, Any]:
    """The shape of `serializers.ProfileSerializer`."""
    return {
        "id": user.pk,
        "email": user.email,
        "nickname": user.nickname,
        "is_staff": user.is_staff,
        "created_at": local(user.created_at).isoformat(),
        "review_emails": user.review_emails if settings.REVIEW_EMAILS else None,
        "daily_limit": daily_limit_of(user),
        "quota": quota_of(user),
        "links": profile_links(request),
    }


def profile_links(request: Request) -> list[Link]:
    profile = absolute(request, "accounts:profile")
    return [
        link("self", profile),
        link("edit", profile, "PATCH"),
        link("delete", profile, "DELETE"),
        link("logout", absolute(request, "accounts:logout"), "POST"),
    ]


def change_password(request: Request, user: User, *, current: str, new: str) -> None:
    """Ends every token and every other session. Raises `ValidationError`, `TooManyAttempts`."""
    confirm_password(request, user, password=current, field="current_password")
    user.set_password(new)
    user.save(update_fields=["password"])
    if request.auth is None:
        update_session_auth_hash(request._request, user)  # noqa: SLF001
    password_changed.send(sender=User, request=request, user=user)
    get_adapter().send_notification_mail("account/email/password_changed", user)


def leave(request: Request, user: User, *, password: str) -> None:
    """Removes somebody with all that is theirs. Raises `ValidationError`, `TooManyAttempts`."""
    confirm_password(request, user, password=password, field="password")
    with transaction.atomic(durable=True):
        OutstandingToken.objects.filter(user=user).delete()
        user.delete()
    if request.auth is None:
        logout(request._request)  # noqa: SLF001
