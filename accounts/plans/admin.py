"""Groups with their plans in the administration, and where a user's limit comes from."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import trail
from accounts.models import User
from accounts.plans.limits import daily_limit_of
from accounts.plans.models import Plan
from accounts.trail import Kind
from config.api.users import request_user

if TYPE_CHECKING:
    PlanModelForm = forms.ModelForm[Plan]
    PlanStackedInline = admin.StackedInline[Plan, Group]
else:
    PlanModelForm, PlanStackedInline = forms.ModelForm, admin.StackedInline


class PlanForm(PlanModelForm):
    models = forms.MultipleChoiceField(
        label=_("models"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Which of PLAN_MODELS the members may ask. The other models are for everybody."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A model that is no longer offered stays chosen, so that saving the group drops nothing.
        names = dict.fromkeys([*settings.PLAN_MODELS, *(self.instance.models or [])])
        self.fields["models"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


class PlanInline(PlanStackedInline):
    model = Plan
    form = PlanForm
    extra = max_num = 1
    can_delete = True
    fields = ("daily_limit", "models")


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """What changes the permissions of a group is on the trail of each member."""

    inlines = (PlanInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_related(request, form, formsets, change)
        if change and "permissions" in form.changed_data:
            _record(request, [form.instance])

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        _record(request, [obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        _record(request, queryset)
        super().delete_queryset(request, queryset)


def _record(request: HttpRequest, groups: Iterable[Group]) -> None:
    members = User.objects.filter(groups__in=[group.pk for group in groups]).order_by("pk")
    ids = list(members.values_list("pk", flat=True).distinct())
    actor = request_user(request)
    trail.record_for_many(ids, Kind.ROLE_CHANGED, reason="by_staff", actor=actor, groups=True)


def limit_with_source(user: User) -> str:
    """The daily limit that counts for a user, and where it comes from."""
    limit = daily_limit_of(user)
    if user.daily_limit is not None:
        return gettext("%(limit)d: the user's own") % {"limit": limit}
    if user.plan_daily_limit is None:
        return gettext("%(limit)d: the server's default") % {"limit": limit}
    best = Plan.objects.filter(group__user=user, daily_limit=limit).select_related("group")
    names = ", ".join(str(plan.group) for plan in best)
    return gettext("%(limit)d: of the group %(names)s") % {"limit": limit, "names": names}
