"""Joins that staff approve or decline (`SIGNUP=approval`).

A person who waits has an account that is inactive and has `approval` "waiting". Staff decide by one
conditional UPDATE, so that of two decisions at once one counts. A declined account is kept for
`KEPT` and refuses its address and its provider's account for that time; then it is deleted, and the
person may ask again. Staff can change their mind until then.

    Problem
    ├── WaitsForApproval    403, only after the right password
    └── JoinDeclined        403, only after the right password
"""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.joining import mails
from accounts.joining.models import JoinRequest
from accounts.models import User
from accounts.trail import Kind, record
from config.api.links import base_url
from config.api.problems import Problem

Approval = User.Approval
KEPT = timedelta(days=90)  # of declined accounts
NOTICE_EVERY = timedelta(hours=1)
MOST_NOTIFIED = 50  # staff
_NOTICE = "accounts.joining.notice"


class WaitsForApproval(Problem):
    status_code = 403
    default_code = "waits_for_approval"
    default_detail = _(
        "Your request to join waits for approval by the site's staff. You will get a mail."
    )


class JoinDeclined(Problem):
    status_code = 403
    default_code = "join_declined"
    default_detail = _("The site's staff have declined your request to join.")


def let_wait(user: User) -> None:
    """Marks a new account, which is saved afterwards."""
    user.approval, user.is_active = Approval.WAITING, False


def refuse_unapproved(request: Request | HttpRequest, user: User) -> None:
    """Call after the right password. Raises `WaitsForApproval` or `JoinDeclined`."""
    if user.approval == Approval.WAITING:
        record(user, Kind.SIGN_IN_REFUSED, request=request, reason=WaitsForApproval.default_code)
        tell_staff(request)  # again, if the first notice was long ago
        raise WaitsForApproval
    if user.approval == Approval.DECLINED:
        record(user, Kind.SIGN_IN_REFUSED, request=request, reason=JoinDeclined.default_code)
        raise JoinDeclined


def approve(user: User, *, actor: User, base: str) -> bool:
    """Lets a person in who waits or was declined, and mails them. False: somebody else has decided,
    or the account is gone. `base` is the site's URL.
    """
    unapproved = User.objects.filter(pk=user.pk).exclude(approval=Approval.NONE)
    with transaction.atomic(durable=True):
        decided_at = timezone.now()
        if not unapproved.update(approval=Approval.NONE, is_active=True, decided_at=decided_at):
            return False
        record(user, Kind.APPROVED, actor=actor)
    mails.tell_approved(user, base=base)
    return True


def decline(user: User, *, actor: User, reason: str) -> bool:
    """Declines a person who waits, and mails them the reason. False as for `approve`."""
    waiting = User.objects.filter(pk=user.pk, approval=Approval.WAITING)
    with transaction.atomic(durable=True):
        if not waiting.update(approval=Approval.DECLINED, decided_at=timezone.now()):
            return False
        record(user, Kind.DECLINED, actor=actor)
    mails.tell_declined(user, reason=reason)
    _delete_old()
    return True


def next_waiting(after: int | None = None) -> int | None:
    """The id of the person who has waited longest, or the next one after that one; after the last
    one, the first one again.
    """
    waiting = JoinRequest.objects.filter(approval=Approval.WAITING).order_by("created_at", "id")
    ids = waiting.values_list("pk", flat=True)
    seen = User.objects.filter(pk=after).first() if after else None
    if seen is None:
        return ids.first()
    later = Q(created_at__gt=seen.created_at) | Q(created_at=seen.created_at, pk__gt=seen.pk)
    return ids.filter(later).first() or ids.exclude(pk=seen.pk).first()


def tell_staff(request: Request | HttpRequest) -> None:
    """Mails staff that somebody waits, at most once in `NOTICE_EVERY`."""
    if not cache.add(_NOTICE, 1, NOTICE_EVERY.total_seconds()):
        return
    count = User.objects.filter(approval=Approval.WAITING).count()
    if count:
        mails.tell_staff(_notified(), count=count, base=base_url(request))


def deciders() -> QuerySet[User]:
    """Active staff who may decide about requests to join."""
    codename = get_permission_codename("change", JoinRequest._meta)  # noqa: SLF001
    permission = Permission.objects.filter(codename=codename, content_type__app_label="accounts")
    may = Q(is_superuser=True) | Q(groups__permissions__in=permission)
    may |= Q(user_permissions__in=permission)
    return User.objects.filter(may, is_active=True, is_staff=True).distinct()


def _notified() -> Sequence[str]:
    if settings.SIGNUP_NOTIFY:
        return list(settings.SIGNUP_NOTIFY)
    addresses = deciders().exclude(email=None).order_by("pk").values_list("email", flat=True)
    return [address for address in addresses[:MOST_NOTIFIED] if address]


def _delete_old() -> None:
    """Bounds the number of declined accounts."""
    old = User.objects.filter(approval=Approval.DECLINED, decided_at__lt=timezone.now() - KEPT)
    for user in old.order_by("created_at")[:100]:
        user.delete()
