"""Groups with their plans in the administration, and where a user's limit comes from."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.plans.limits import daily_limit_of
from accounts.plans.models import Plan

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
    inlines = (PlanInline,)


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
