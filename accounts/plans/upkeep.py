"""Keeps the copies of plans in users' rows right, so that no request reads plans.

Every change of a plan, of a group or of who is in it is followed, after its commit, by `refresh` of
the users it concerns. `refresh` locks the rows of the users before it reads their plans: so the
last of concurrent refreshes has seen all changes. `manage.py check_plans` finds rows that are wrong
nevertheless, because a process died between a commit and its refresh or somebody changed the tables
by hand.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from accounts import trail
from accounts.models import User
from accounts.plans.limits import daily_limit_of
from accounts.plans.models import Plan, rows_changed
from accounts.trail import Kind
from config.batches import ROWS, divided

Copy = tuple[int | None, str]  # `plan_daily_limit`, `plan_models`


def connect() -> None:
    """For `AppConfig.ready`."""
    uid = "accounts.plans"
    post_save.connect(_plan_changed, sender=Plan, dispatch_uid=uid)
    post_delete.connect(_plan_changed, sender=Plan, dispatch_uid=uid)
    rows_changed.connect(_plans_changed, sender=Plan, dispatch_uid=uid)
    pre_delete.connect(_group_goes, sender=Group, dispatch_uid=uid)
    m2m_changed.connect(_members_changed, sender=User.groups.through, dispatch_uid=uid)


def refresh(ids: Sequence[int]) -> int:
    """Copies the plans of these users into their rows, in short transactions. Returns how many rows
    were wrong.
    """
    changed = 0
    for some in divided(sorted(ids), ROWS):
        with transaction.atomic():
            changed += _refresh_some(some)
    return changed


def refresh_members_later(groups: Collection[int]) -> None:
    """After the commit, for all who are members then."""
    transaction.on_commit(partial(_refresh_members, list(groups)))


def wrong_rows() -> Iterator[int]:
    """The ids of users whose row does not have what their groups give."""
    with_copy = User.objects.exclude(plan_daily_limit=None, plan_models="")
    with_plan = User.objects.filter(groups__plan__isnull=False)
    ids = with_copy.order_by().values_list("pk").union(with_plan.order_by().values_list("pk"))
    for some in divided([pk for (pk,) in ids], ROWS):
        right = _copies(some)
        for user in User.objects.filter(pk__in=some).order_by("pk"):
            if (user.plan_daily_limit, user.plan_models) != right[user.pk]:
                yield user.pk


def _refresh_some(ids: Sequence[int]) -> int:
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    locked = list(rows)  # a queryset alone would lock them after the plans were read
    right = _copies(ids)
    wrong: dict[Copy, list[User]] = defaultdict(list)
    for user in locked:
        if (user.plan_daily_limit, user.plan_models) != right[user.pk]:
            wrong[right[user.pk]].append(user)
    for copy, some in wrong.items():
        _store(copy, some)
    return sum(map(len, wrong.values()))


def _store(copy: Copy, users: list[User]) -> None:
    rows = User.objects.filter(pk__in=[user.pk for user in users])
    before = {user.pk: daily_limit_of(user) for user in users}
    limit, names = copy
    rows.update(plan_daily_limit=limit, plan_models=names)
    for user in users:
        user.plan_daily_limit = limit
    changed = [user.pk for user in users if daily_limit_of(user) != before[user.pk]]
    counts = settings.DAILY_CHAT_LIMIT if limit is None else limit
    trail.record_for_many(changed, Kind.LIMIT_CHANGED, reason="group", daily_limit=counts)


def _copies(ids: Sequence[int]) -> dict[int, Copy]:
    """What the rows of these users should have."""
    limits: dict[int, list[int]] = {pk: [] for pk in ids}
    names: dict[int, set[str]] = {pk: set() for pk in ids}
    memberships = User.groups.through.objects.filter(user_id__in=ids, group__plan__isnull=False)
    rows = memberships.values_list("user_id", "group__plan__daily_limit", "group__plan__models")
    for pk, limit, models in rows:
        if limit is not None:
            limits[pk].append(limit)
        names[pk].update(models)
    return {pk: (max(limits[pk], default=None), "\n".join(sorted(names[pk]))) for pk in ids}


def _refresh_members(groups: Collection[int]) -> None:
    members = User.groups.through.objects.filter(group_id__in=groups)
    refresh(list(members.order_by().values_list("user_id", flat=True).distinct()))


def _plan_changed(instance: Plan, **_kwargs: Any) -> None:
    refresh_members_later([instance.group_id])


def _plans_changed(groups: Collection[int], **_kwargs: Any) -> None:
    refresh_members_later(groups)


def _group_goes(instance: Group, **_kwargs: Any) -> None:
    """The rows of its members go with it, and send no signal."""
    members = User.groups.through.objects.filter(group_id=instance.pk)
    ids = list(members.values_list("user_id", flat=True))
    transaction.on_commit(partial(refresh, ids))


def _members_changed(
    instance: Any,
    action: str,
    reverse: bool,  # noqa: FBT001 - Django's signature
    pk_set: set[int] | None,
    **_kwargs: Any,
) -> None:
    if action == "pre_clear" and reverse:
        _group_goes(instance)
    elif action in {"post_add", "post_remove"} and reverse:
        transaction.on_commit(partial(refresh, sorted(pk_set or ())))
    elif action in {"post_add", "post_remove", "post_clear"} and not reverse:
        transaction.on_commit(partial(refresh, [instance.pk]))
