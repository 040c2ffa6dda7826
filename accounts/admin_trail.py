"""Security events in the administration: a list for reading, and what staff's changes record."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import trail
from accounts.models import SecurityEvent, User
from accounts.trail import Kind
from config.goes_with_user import ReadOnly
from config.large_lists import ListByAddress

_KIND_OF = {
    "email": Kind.ADDRESS_CHANGED,
    "password": Kind.PASSWORD_CHANGED,
    "daily_limit": Kind.LIMIT_CHANGED,
    "is_active": Kind.STATE_CHANGED,
    "is_staff": Kind.ROLE_CHANGED,
    "is_superuser": Kind.ROLE_CHANGED,
    "groups": Kind.ROLE_CHANGED,
    "user_permissions": Kind.ROLE_CHANGED,
}
_SHOWN = ("daily_limit", "is_active", "is_staff", "is_superuser")  # whose new value is told


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnly, ListByAddress):
    list_display = ("created_at", "user", "kind", "reason", "count", "ip_address", "actor")
    list_filter = ("kind", "created_at")
    sortable_by = ("created_at",)
    search_help_text = _("Beginning of an email address")
    list_select_related = ("user", "actor")


def record_changes(request: HttpRequest, user: User, changed: Iterable[str]) -> None:
    """Of fields that staff have changed, one event for each kind."""
    details: dict[Kind, dict[str, Any]] = {}
    for name in changed:
        if kind := _KIND_OF.get(name):
            value = getattr(user, name) if name in _SHOWN else True
            details.setdefault(kind, {})[name] = value
    for kind, values in details.items():
        trail.record(
            user, kind, request=request, reason="by_staff", actor=staff_of(request), **values
        )


def staff_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the administration is for them only  # nosec B101
    return request.user
