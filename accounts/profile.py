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
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import sessions, trail
from accounts.addresses.ownership import is_confirmed
from accounts.fresh_sign_in import demand_fresh_sign_in
from accounts.models import DataExportPart, User
from accounts.plans.limits import daily_limit_of
from accounts.sign_in import confirm_password
from config.api.links import Link, absolute, link
from config.api.problems import Conflict
from config.api.times import local
from config.batches import delete_in_batches


class AddressNeeded(Conflict):
    default_code = "address_needed"
    default_detail = _("Add an email address and confirm it first: it is what you sign in with.")


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
    delete_in_batches(DataExportPart.objects.filter(export__user=user).order_by("pk"))


def quota_of(user: User) -> Quota | None:
    """None if no function is registered."""
    found: Quota | None = Registry.quota_of(user) if Registry.quota_of else None
    return found


def used_today(ids: Collection[int]) -> Mapping[int, int] | None:
    """None if no function is registered."""
    return Registry.used_today(ids) if Registry.used_today else None


def profile_of(user: User, *, request: Request) -> dict[str, Any]:
    """The shape of `accounts.api.profile.ProfileSerializer`."""
    return {
        "id": user.pk,
        "email": user.email,
        "has_password": user.has_usable_password(),
        "nickname": user.nickname,
        "is_staff": user.is_staff,
        "second_factor_required": settings.REQUIRE_STAFF_MFA and user.is_staff,
        "created_at": local(user.created_at).isoformat(),
        "review_emails": user.review_emails if settings.REVIEW_EMAILS else None,
        "daily_limit": daily_limit_of(user),
        "chat_retention_days": settings.CHAT_RETENTION_DAYS or None,
        "quota": quota_of(user),
        "links": profile_links(request),
    }


def profile_links(request: Request) -> list[Link]:
    profile = absolute(request, "accounts:profile")
    return [
        link("self", profile),
        link("edit", profile, "PATCH"),
        link("email", absolute(request, "accounts:email")),
        link("delete", profile, "DELETE"),
        link("logout", absolute(request, "accounts:logout"), "POST"),
    ]


def change_password(request: Request, user: User, *, current: str, new: str) -> None:
    """Ends all tokens and all other sessions. Raises `ValidationError`, `TooManyAttempts`."""
    confirm_password(request, user, password=current, field="current_password")
    _store_password(request, user, new, reason="by_user")
    get_adapter().send_notification_mail("account/email/password_changed", user)


def set_first_password(request: Request, user: User, *, new: str) -> None:
    """For people who sign in in other ways. As the address is the login, it has to be confirmed.

    Raises `FreshSignInRequired` or `AddressNeeded`.
    """
    demand_fresh_sign_in(request)
    if not is_confirmed(user):
        raise AddressNeeded
    _store_password(request, user, new, reason="first")
    get_adapter().send_notification_mail("account/email/password_set", user)


def _store_password(request: Request, user: User, new: str, *, reason: str) -> None:
    user.set_password(new)
    user.save(update_fields=["password"])
    if request.auth is None:
        update_session_auth_hash(request._request, user)  # noqa: SLF001
        sessions.remember(request._request, user)  # noqa: SLF001 - it has another key now
    password_changed.send(sender=User, request=request, user=user)
    trail.record(user, trail.Kind.PASSWORD_CHANGED, request=request, reason=reason)


def leave(request: Request, user: User) -> None:
    """Deletes the account and all its data, once the user has confirmed that it is them."""
    empty_account(user)
    with transaction.atomic(durable=True):
        # Concurrent writes for this user wait for this lock, then fail because the user is gone.
        User.objects.select_for_update().filter(pk=user.pk).values_list("pk").first()
        OutstandingToken.objects.filter(user=user).delete()
        user.delete()
    if request.auth is None:
        logout(request._request)  # noqa: SLF001
