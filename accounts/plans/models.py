"""What a group gives its members beside permissions: a daily limit and models."""

from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

rows_changed = Signal()  # `groups`: the ids of groups whose plans were changed many at once


class PlanQuerySet(models.QuerySet["Plan"]):
    """Django sends no signals for these changes of many rows."""

    def update(self, **changes: Any) -> int:
        groups = list(self.values_list("group_id", flat=True))
        count = super().update(**changes)
        rows_changed.send(sender=Plan, groups=groups)
        return count

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> "list[Plan]":
        made = super().bulk_create(objs, *args, **kwargs)
        rows_changed.send(sender=Plan, groups=[plan.group_id for plan in made])
        return made


class Plan(models.Model):
    """The best of a user's plans counts: the highest limit, and the models of all. The users' rows
    hold copies (`accounts.plans.upkeep`).
    """

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="plan")
    daily_limit = models.PositiveIntegerField(
        _("daily limit"),
        null=True,
        blank=True,
        help_text=_("Requests a day of each member without a limit of their own. Empty: none."),
    )
    # Names of PLAN_MODELS.
    models = models.JSONField(_("models"), default=list, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return str(self.group)
