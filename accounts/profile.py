"""What users see of their own account, and what they change in it.

The quota belongs to `chat`, which this app must not import: `chat` registers a function at start.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, TypedDict

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
from config.batches import delete_in_batches


class Quota(TypedDict):
    limit: int
    used: int
    remaining: int
    resets_at: str


QuotaOf = Callable[[User], Any]
UsedToday = Callable[[Collection[int]], Mapping[int, int]]
Empty = Callable[[User], None]


class Registry:
    quota_of: QuotaOf | None = None
    used_today: UsedToday | None = None
    empties: ClassVar[list[Empty]] = []


def provide_quota(quota_of: QuotaOf | None, used_today: UsedToday | None) -> None:
    """Registers the functions that return a user's quota of today, and the units that users with
    these ids have used (those who have used any). Without them no quota is shown. For an
    `AppConfig.ready`.
    """
    Registry.quota_of = quota_of and staticmethod(quota_of)
    Registry.used_today = used_today and staticmethod(used_today)


def provide_emptying(empty: Empty) -> None:
    """Registers a function that deletes a user's rows in batches, so that little is left for the
    transaction that deletes the account. For an `AppConfig.ready`.
    """
    Registry.empties.append(empty)


def empty_account(user: User) -> None:
    """Deletes nearly all of a user's rows, in batches; the account itself stays. If interrupted, it
    can be run again.
    """
    for empty in Registry.empties:
        empty(user)
    delete_in_batches(OutstandingToken.objects.filter(user=user).order_by("pk"))


def quota_of(user: User) -> Quota | None:
    """None if no function is registered."""
    found: Quota | None = Registry.quota_of(user) if Registry.quota_of else None
    return found


def used_today(ids: Collection[int]) -> Mapping[int, int] | None:
    """None if no function is registered."""
    return Registry.used_today(ids) if Registry.used_today else None


def daily_limit_of(user: User) -> int:
    return settings.DAILY_CHAT_LIMIT if user.daily_limit is None else user.daily_limit


def profile_of(user: User, *, request: Request) -> dict[str, Any]:
    """The shape of `accounts.api.profile.ProfileSerializer`."""
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
    """Ends all tokens and all other sessions. Raises `ValidationError`, `TooManyAttempts`."""
    confirm_password(request, user, password=current, field="current_password")
    user.set_password(new)
    user.save(update_fields=["password"])
    if request.auth is None:
        update_session_auth_hash(request._request, user)  # noqa: SLF001
    password_changed.send(sender=User, request=request, user=user)
    get_adapter().send_notification_mail("account/email/password_changed", user)


def leave(request: Request, user: User, *, password: str) -> None:
    """Deletes the account and all its data. Raises `ValidationError`, `TooManyAttempts`."""
    confirm_password(request, user, password=password, field="password")
    empty_account(user)
    with transaction.atomic(durable=True):
        # Concurrent writes for this user wait for this lock, then fail because the user is gone.
        User.objects.select_for_update().filter(pk=user.pk).values_list("pk").first()
        OutstandingToken.objects.filter(user=user).delete()
        user.delete()
    if request.auth is None:
        logout(request._request)  # noqa: SLF001
