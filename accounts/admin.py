"""People, as staff see them. Staff who are no superusers can neither make superusers nor touch
other staff: by a password or an address of theirs they could become them.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.limits import TooManyAttempts
from accounts.models import User
from accounts.profile import daily_limit_of, quota_of

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")

admin.site.unregister([OutstandingToken, BlacklistedToken, EmailAddress])


class LimitedLogin(AdminAuthenticationForm):
    """The administration's door has the limits of the others."""

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            try:
                self.user_cache = get_adapter().authenticate(
                    self.request, email=username, password=password
                )
            except TooManyAttempts as limited:
                raise ValidationError(str(limited.detail), code=limited.code) from None
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


admin.site.login_form = LimitedLogin
admin.site.site_header = admin.site.site_title = "Daesa"


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "nickname")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    add_form = NewUserForm
    list_display = (
        "email",
        "nickname",
        "is_active",
        "is_staff",
        "daily_limit",
        "todays_use",
        "created_at",
        "last_login",
    )
    list_filter = ("is_active", "is_staff", "is_superuser", "created_at")
    list_per_page = 50
    search_fields = ("email", "nickname")
    ordering = ("-created_at", "-id")
    actions = ("activate", "deactivate", "mark_email_verified")
    readonly_fields = ("todays_use", "ip_address", "created_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "nickname", "review_emails", "password")}),
        (_("Allowance"), {"fields": ("daily_limit", "todays_use")}),
        (_("Permissions"), {"fields": ("is_active", *POWERS)}),
        (_("Sign-ins"), {"fields": ("created_at", "last_login", "ip_address")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "nickname", "usable_password", "password1", "password2")}),
    )

    @admin.display(description=_("today's use"))
    def todays_use(self, user: User) -> str:
        quota = quota_of(user)
        return f"{quota['used']} / {quota['limit']}" if quota else f"– / {daily_limit_of(user)}"

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _is_superuser(request) else (*fields, *POWERS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # The former address must neither sign in nor get mail any more.
            EmailAddress.objects.filter(user=obj).delete()

    @admin.action(description=_("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._tell(request, _within_reach(request, chosen).update(is_active=True))

    @admin.action(description=_("Deactivate: signs out at once"), permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        others = _within_reach(request, chosen).exclude(email=request.user.get_username())
        self._tell(request, others.update(is_active=False))

    @admin.action(description=_("Mark the email address as verified"), permissions=["change"])
    def mark_email_verified(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        people = list(_within_reach(request, chosen))
        for user in people:
            EmailAddress.objects.update_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )
        self._tell(request, len(people))

    def _tell(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(count)d user changed.", "%(count)d users changed.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
        if count == 0:
            self.message_user(request, gettext("Staff are changed by superusers."), messages.INFO)


def _may_touch(request: HttpRequest, person: User | None) -> bool:
    """With None the question is about people in general."""
    return person is None or _is_superuser(request) or not (person.is_staff or person.is_superuser)


def _within_reach(request: HttpRequest, chosen: QuerySet[User]) -> QuerySet[User]:
    if _is_superuser(request):
        return chosen
    return chosen.filter(is_staff=False, is_superuser=False)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
