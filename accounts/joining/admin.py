"""Invitations and requests to join in the administration."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from allauth.socialaccount.models import SocialAccount
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.form_fields import AddressField
from accounts.joining import mails
from accounts.joining.approval import Approval, approve, decline, next_waiting
from accounts.joining.invitations import MOST_OPEN, revoke, save_with_token
from accounts.joining.models import (
    LONGEST_LIFE,
    LONGEST_NOTE,
    Invitation,
    InvitationUse,
    JoinRequest,
)
from accounts.signup_policy import domain_is_allowed
from config.api.links import base_url
from config.api.users import request_user
from config.batches import paced
from config.forms import TextField
from config.large_lists import LargeList

if TYPE_CHECKING:
    InvitationModelAdmin = admin.ModelAdmin[Invitation]
    JoinRequestModelAdmin = admin.ModelAdmin[JoinRequest]
    UseTabularInline = admin.TabularInline[InvitationUse, Invitation]
    InvitationModelForm = forms.ModelForm[Invitation]
else:
    InvitationModelAdmin = JoinRequestModelAdmin = admin.ModelAdmin
    UseTabularInline, InvitationModelForm = admin.TabularInline, forms.ModelForm

DEFAULT_LIFE = timedelta(days=7)
LONGEST_REASON = 500
Decide = Callable[[JoinRequest], bool]


class InvitationForm(InvitationModelForm):
    email = AddressField(
        required=False,
        label=_("only for this address"),
        help_text=_("The link is mailed there. Empty: whoever has the link may use it."),
    )
    note = TextField(
        required=False,
        max_length=LONGEST_NOTE,
        label=_("note"),
        help_text=_("Only staff read it."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if Invitation.objects.usable().count() >= MOST_OPEN:
            raise ValidationError(
                gettext("There are too many open invitations. Revoke some first.")
            )
        email = given.get("email", "")
        if email and not domain_is_allowed(email):
            self.add_error("email", gettext("Addresses of this domain cannot join this site."))
        if email and given.get("uses", 1) != 1:
            self.add_error("uses", gettext("An invitation for an address is for one account."))
        return given

    def clean_expires_at(self) -> Any:
        expires_at, now = self.cleaned_data["expires_at"], timezone.now()
        if not now < expires_at <= now + LONGEST_LIFE:
            raise ValidationError(gettext("Choose a time within the next year."))
        return expires_at


class Uses(UseTabularInline):
    model = InvitationUse
    extra = 0
    can_delete = False
    fields = readonly_fields = ("user", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvitationUse]:
        return super().get_queryset(request).select_related("user")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return True  # like the invitation itself

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Invitation)
class InvitationAdmin(LargeList, InvitationModelAdmin):
    """Made here and revoked here; not edited or deleted, so that it stays known who invited whom.
    The link is shown once.
    """

    form = InvitationForm
    list_display = ("__str__", "state", "used", "uses", "expires_at", "inviter", "created_at")
    list_filter = ("expires_at",)
    list_select_related = ("inviter",)
    sortable_by = ()
    search_fields = ("email", "note")
    ordering = ("-id",)
    actions = ("revoke", "mail_again")
    filter_horizontal = ("groups",)
    fields = ("email", "note", "groups", "uses", "expires_at")
    inlines = (Uses,)

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:  # noqa: ARG002
        made = ("used", "state", "revoked_at", "inviter", "created_at")
        return (*self.fields, *made) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Invitation | None) -> Any:  # noqa: ARG002
        return self.inlines if obj else ()

    @admin.display(description=_("state"))
    def state(self, invitation: Invitation) -> str:
        if invitation.used >= invitation.uses:
            return gettext("used up")
        if invitation.revoked_at:
            return gettext("revoked")
        return gettext("open") if invitation.is_usable else gettext("expired")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"expires_at": timezone.now() + DEFAULT_LIFE, "uses": 1} | dict(
            super().get_changeform_initial_data(request)
        )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Permissions are given by superusers alone, so others choose groups that have none."""
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if not request_user(request).is_superuser:
            field.queryset = field.queryset.filter(permissions=None)
        return field

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        obj.inviter = request_user(request)
        token = save_with_token(obj)
        request._invitation_link = _link(request, token)  # type: ignore[attr-defined]  # noqa: SLF001
        if obj.email:
            link = _link(request, token)
            transaction.on_commit(partial(mails.tell_invited, obj, link=link))

    def response_add(
        self,
        request: HttpRequest,
        obj: Invitation,
        post_url_continue: str | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """The link is on no page but this one."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("The invitation is made"),
            "opts": self.opts,
            "invitation": obj,
            "link": request._invitation_link,  # type: ignore[attr-defined]  # noqa: SLF001
        }
        return TemplateResponse(request, "admin/accounts/invitation/made.html", context)

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        count = revoke(chosen)
        text = ngettext("%d invitation is revoked.", "%d invitations are revoked.", count)
        self.message_user(request, text % count, messages.SUCCESS)

    @admin.action(description=_("Mail a new link: the one before ends"), permissions=["change"])
    def mail_again(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        count = 0
        for invitation in paced(list(chosen.exclude(email=""))):
            if invitation.is_usable:
                link = _link(request, save_with_token(invitation))
                mails.tell_invited(invitation, link=link)
                count += 1
        text = ngettext("%d mail is on its way.", "%d mails are on their way.", count)
        self.message_user(request, text % count, messages.SUCCESS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class ReasonForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("It is mailed to those who are declined."),
    )


@admin.register(JoinRequest)
class JoinRequestAdmin(LargeList, JoinRequestModelAdmin):
    """People whose join waits for staff or was declined: approved or declined one after another, or
    several at once.
    """

    change_list_template = "admin/accounts/joinrequest/change_list.html"
    change_form_template = "admin/accounts/joinrequest/change_form.html"
    list_display = ("__str__", "nickname", "approval", "created_at", "decided_at")
    list_filter = ("approval",)
    sortable_by = ("created_at",)
    search_fields = ("email", "nickname")
    ordering = ("-approval", "created_at", "id")  # those who wait come first
    actions = ("approve", "decline")
    fields = readonly_fields = (
        *("email", "nickname", "ways_to_sign_in", "approval", "created_at", "decided_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[JoinRequest]:
        rows: QuerySet[JoinRequest] = super().get_queryset(request)
        return rows.exclude(approval=Approval.NONE)

    def get_urls(self) -> list[URLPattern]:
        queue = self.admin_site.admin_view(self.queue)
        return [path("queue/", queue, name="accounts_joinrequest_queue"), *super().get_urls()]

    @admin.display(description=_("ways to sign in"))
    def ways_to_sign_in(self, person: JoinRequest) -> str:
        accounts = SocialAccount.objects.filter(user=person).order_by("provider")
        providers = accounts.values_list("provider", flat=True)
        password = [gettext("Password")] if person.has_usable_password() else []
        return ", ".join([*password, *providers]) or "–"

    @admin.action(description=_("Approve"), permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet[JoinRequest]) -> HttpResponse | None:
        actor, base = request_user(request), base_url(request)
        count = self._decide(request, chosen, lambda one: approve(one, actor=actor, base=base))
        text = ngettext("%d person may sign in now.", "%d people may sign in now.", count)
        self.message_user(request, text % count, messages.SUCCESS)
        return self._continue_queue(request)

    @admin.action(description=_("Decline"), permissions=["change"])
    def decline(self, request: HttpRequest, chosen: QuerySet[JoinRequest]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask_reason(request, chosen, form)
        actor, reason = request_user(request), form.cleaned_data["reason"]

        def decide(person: JoinRequest) -> bool:
            if not decline(person, actor=actor, reason=reason):
                return False
            self.log_change(request, person, f"{gettext('Declined')}: {reason}")
            return True

        count = self._decide(request, chosen, decide)
        text = ngettext("%d person is declined.", "%d people are declined.", count)
        self.message_user(request, text % count, messages.SUCCESS)
        return self._continue_queue(request)

    def _decide(self, request: HttpRequest, chosen: QuerySet[JoinRequest], decide: Decide) -> int:
        """Returns how many were decided, and says whose decision came too late."""
        people = list(chosen)
        decided = sum(decide(person) for person in paced(people))
        if late := len(people) - decided:
            text = ngettext("%d was decided already.", "%d were decided already.", late)
            self.message_user(request, text % late, messages.WARNING)
        return decided

    def _ask_reason(
        self, request: HttpRequest, chosen: QuerySet[JoinRequest], form: ReasonForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Decline"),
            "opts": self.opts,
            "people": chosen,
            "form": form,
            "queue": request.POST.get("queue", ""),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/accounts/joinrequest/decline.html", context)

    def _continue_queue(self, request: HttpRequest) -> HttpResponse | None:
        """After a decision on a person's own page: the next one."""
        pk = request.POST.get("queue", "")
        if not pk.isdecimal():
            return None
        return HttpResponseRedirect(f"{reverse('admin:accounts_joinrequest_queue')}?after={pk}")

    def queue(self, request: HttpRequest) -> HttpResponse:
        """Redirects to the person who has waited longest, or to the next one after `after`."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        after = request.GET.get("after", "")
        pk = next_waiting(int(after) if re.fullmatch(r"[0-9]{1,18}", after) else None)
        if pk is not None:
            return HttpResponseRedirect(reverse("admin:accounts_joinrequest_change", args=[pk]))
        self.message_user(request, gettext("Nobody else waits."), messages.INFO)
        return HttpResponseRedirect(reverse("admin:accounts_joinrequest_changelist"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["decline"] = ReasonForm()
        context["action_checkbox_name"] = ACTION_CHECKBOX_NAME
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":  # the actions of the list decide
            raise PermissionDenied
        return super().changeform_view(request, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False  # the user's own page deletes with all that belongs to the user


def _link(request: HttpRequest, token: str) -> str:
    """The token is in the fragment, which browsers do not send, so no server or proxy logs it."""
    return f"{base_url(request)}/join#invite={token}"
