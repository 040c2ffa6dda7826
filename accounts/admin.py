"""Users in the administration. Staff who are not superusers cannot grant privileges or change other
staff: by setting another's password or address they could take over the account.
"""

from collections import Counter
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import CASCADE, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.form_fields import AddressField, NicknameField
from accounts.limits.password_attempts import is_stopped
from accounts.models import SignInSource, User
from accounts.profile import daily_limit_of, empty_account, quota_of, used_today
from accounts.sign_in import demand_confirmed_address
from accounts.signals import end_access
from config.api.problems import Problem
from config.batches import divided, paced
from config.large_lists import LargeList

MAX_LISTED = 100  # users named on the page that confirms a deletion
PRIVILEGES = ("is_staff", "is_superuser", "groups", "user_permissions")

admin.site.unregister([OutstandingToken, BlacklistedToken, EmailAddress])


class RateLimitedLoginForm(AdminAuthenticationForm):
    """Signing in to the administration, within the same limits as elsewhere."""

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            try:
                self.user_cache = get_adapter().authenticate(
                    self.request, email=username, password=password
                )
                if self.user_cache is None:
                    raise self.get_invalid_login_error()
                self.confirm_login_allowed(self.user_cache)
                demand_confirmed_address(cast("HttpRequest", self.request), self.user_cache)
            except Problem as refused:
                raise ValidationError(str(refused.detail), code=refused.code) from None
        return self.cleaned_data


admin.site.login_form = RateLimitedLoginForm
admin.site.site_header = admin.site.site_title = "Daesa"


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    email = AddressField()
    nickname = NicknameField(may_be_reserved=True)


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    email = AddressField()
    nickname = NicknameField(may_be_reserved=True)

    class Meta:
        model = User
        fields = ("email", "nickname")


@admin.register(User)
class UserAdmin(LargeList, DjangoUserAdmin):  # type: ignore[type-arg]
    form = UserForm
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
    sortable_by = ("email", "created_at")
    search_fields = ("email", "nickname")
    ordering = ("-id",)  # the order in which they joined, by an index that is there anyway
    actions = ("activate", "deactivate", "mark_email_verified", "allow_sign_in")
    readonly_fields = ("todays_use", "password_sign_in", "ip_address", "created_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "nickname", "review_emails", "password")}),
        (_("Allowance"), {"fields": ("daily_limit", "todays_use")}),
        (_("Permissions"), {"fields": ("is_active", *PRIVILEGES)}),
        (
            _("Sign-ins"),
            {"fields": ("created_at", "last_login", "ip_address", "password_sign_in")},
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "nickname", "usable_password", "password1", "password2")}),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With today's use of all users of the page, by one statement."""
        changelist = super().get_changelist_instance(request)
        users: list[Any] = list(changelist.result_list)
        used = used_today([user.pk for user in users])
        for user in users:
            user.used = "–" if used is None else used.get(user.pk, 0)
        changelist.result_list = users
        return changelist

    @admin.display(description=_("today's use"))
    def todays_use(self, user: User) -> str:
        if hasattr(user, "used"):
            return f"{user.used} / {daily_limit_of(user)}"
        quota = quota_of(user)
        return f"{quota['used']} / {quota['limit']}" if quota else f"– / {daily_limit_of(user)}"

    @admin.display(description=_("sign-in with a password"))
    def password_sign_in(self, user: User) -> str:
        if is_stopped(user):
            return gettext("Blocked after too many wrong passwords, except on known devices.")
        return gettext("Allowed")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _is_superuser(request) else (*fields, *PRIVILEGES)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_manage(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Counts instead of a list, since one user may have a hundred thousand chats. As in Django,
        staff need the permission to delete everything that is deleted with the user.
        """
        users = list(objs)
        related = _related_counts(users)
        registered = ((model, self.admin_site._registry.get(model)) for model in related)  # noqa: SLF001
        needed = {
            model._meta.verbose_name  # noqa: SLF001
            for model, model_admin in registered
            if model_admin and not model_admin.has_delete_permission(request)
        }
        if not all(self.has_delete_permission(request, user) for user in users):
            needed.add(self.opts.verbose_name)
        names = {str(model._meta.verbose_name_plural): n for model, n in related.items()}  # noqa: SLF001
        counts = {str(self.opts.verbose_name_plural): len(users), **names}
        listed = [str(user) for user in users[:MAX_LISTED]]
        return [*listed, "…"] if len(users) > MAX_LISTED else listed, counts, needed, []

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Deletes most rows before Django opens its transaction, which is short then."""
        if request.method == "POST":
            user = self.get_object(request, kwargs.get("object_id") or args[0])
            if user is not None and self.has_delete_permission(request, user):
                _objects, _counts, needed, _protected = self.get_deleted_objects([user], request)
                if not needed:
                    empty_account(user)
        return super().delete_view(request, *args, **kwargs)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:  # noqa: ARG002
        for user in paced(list(queryset)):
            empty_account(user)
            user.delete()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # The former address must not sign in or get mail any more.
            EmailAddress.objects.filter(user=obj).delete()

    @admin.action(description=_("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._report(request, _manageable(request, chosen).update(is_active=True))

    @admin.action(description=_("Deactivate: signs out at once"), permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        others = _manageable(request, chosen).exclude(email=request.user.get_username())
        ids = list(others.values_list("pk", flat=True))
        count = User.objects.filter(pk__in=ids).update(is_active=False)
        for user_id in ids:
            end_access(user_id)
        self._report(request, count)

    @admin.action(description=_("Mark the email address as verified"), permissions=["change"])
    def mark_email_verified(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        addresses = list(_manageable(request, chosen).values_list("pk", "email"))
        for pk, email in paced(addresses):
            EmailAddress.objects.update_or_create(
                user_id=pk, email=email, defaults={"verified": True, "primary": True}
            )
        self._report(request, len(addresses))

    @admin.action(
        description=_("Allow sign-ins again after wrong passwords"), permissions=["change"]
    )
    def allow_sign_in(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        users = list(_manageable(request, chosen))
        for user in users:
            SignInSource.objects.of(user.email).lift()
        self._report(request, len(users))

    def _report(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(count)d user changed.", "%(count)d users changed.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
        if count == 0:
            text = gettext("Only superusers may change staff accounts.")
            self.message_user(request, text, messages.INFO)


def _related_counts(users: list[User]) -> dict[Any, int]:
    """How many rows of each model are deleted with these users."""
    counts: Counter[Any] = Counter()
    relations = [one for one in User._meta.related_objects if one.on_delete is CASCADE]  # noqa: SLF001
    for relation in relations:
        model: Any = relation.related_model
        for some in paced(divided(users)):
            rows = model._base_manager.filter(**{f"{relation.field.name}__in": some})  # noqa: SLF001
            counts[model] += rows.count()
    return +counts


def _may_manage(request: HttpRequest, user: User | None) -> bool:
    """None asks about users in general."""
    return user is None or _is_superuser(request) or not (user.is_staff or user.is_superuser)


def _manageable(request: HttpRequest, chosen: QuerySet[User]) -> QuerySet[User]:
    if _is_superuser(request):
        return chosen
    return chosen.filter(is_staff=False, is_superuser=False)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
