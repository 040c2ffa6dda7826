"""Users in the administration. Staff who are not superusers cannot grant privileges or change other
staff, and cannot set anybody's password, address or second factor: they could sign in as them.
"""

from collections import Counter
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CASCADE, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts import sessions
from accounts.admin_forms import SignInForm
from accounts.admin_trail import record_changes
from accounts.form_fields import AddressField, NicknameField
from accounts.joining import admin as joining_admin  # noqa: F401 - registers its pages
from accounts.limits.password_attempts import is_stopped
from accounts.mfa import mails
from accounts.mfa.factors import remove_all, types_of
from accounts.models import SignInSource, User
from accounts.personal_tokens.admin import PersonalTokenAdmin  # noqa: F401 - registers itself
from accounts.personal_tokens.models import PersonalToken
from accounts.plans.admin import limit_with_source
from accounts.plans.limits import daily_limit_of
from accounts.profile import empty_account, quota_of, used_today
from accounts.providers import offered
from accounts.signals import end_access
from accounts.trail import Kind, record_for_many
from config.api.users import request_user
from config.batches import divided, paced
from config.goes_with_user import GoesWithUser
from config.large_lists import LargeList

MAX_LISTED = 100  # users named on the page that confirms a deletion
PRIVILEGES = ("is_staff", "is_superuser", "groups", "user_permissions")

admin.site.unregister(
    [
        *(OutstandingToken, BlacklistedToken, EmailAddress, Authenticator, UserSession),
        *(SocialAccount, SocialApp, SocialToken),
    ]
)


admin.site.login_form = SignInForm


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    email = AddressField(label=_("email address"), required=False)
    nickname = NicknameField(may_be_reserved=True)

    def clean_is_active(self) -> bool:
        is_active: bool = self.cleaned_data["is_active"]
        if is_active and self.instance.approval:
            raise ValidationError(
                gettext(
                    "This person waits for approval or was declined: approve the request to join."
                )
            )
        return is_active


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    email = AddressField(label=_("email address"), required=False)
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
    )
    list_filter = ("is_active", "approval", "is_staff", "is_superuser", "created_at")
    sortable_by = ("email", "created_at")
    search_fields = ("email", "nickname")
    ordering = ("-id",)  # the order in which they joined, by an index that is there anyway
    actions = (
        *("activate", "deactivate", "mark_email_verified", "allow_sign_in"),
        "remove_second_factor",
    )
    readonly_fields = (
        *("limit_that_counts", "todays_use", "password_sign_in", "second_factor", "approval"),
        *("personal_tokens", "providers", "ip_address", "created_at", "last_login"),
    )
    fieldsets = (
        (None, {"fields": ("email", "nickname", "review_emails", "password")}),
        (_("Allowance"), {"fields": ("daily_limit", "limit_that_counts", "todays_use")}),
        (_("Permissions"), {"fields": ("is_active", "approval", *PRIVILEGES)}),
        (
            _("Sign-ins"),
            {
                "fields": (
                    *("created_at", "last_login", "ip_address"),
                    *("password_sign_in", "second_factor", "providers", "personal_tokens"),
                )
            },
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

    @admin.display(description=_("daily limit that counts"))
    def limit_that_counts(self, user: User) -> str:
        return limit_with_source(user)

    @admin.display(description=_("sign-in with a password"))
    def password_sign_in(self, user: User) -> str:
        if is_stopped(user):
            return gettext("Blocked after too many wrong passwords, except on known devices.")
        return gettext("Allowed")

    @admin.display(description=_("personal tokens"))
    def personal_tokens(self, user: User) -> str:
        """Their number, which leads to the list of them."""
        path = reverse("admin:accounts_personaltoken_changelist")
        count = PersonalToken.objects.owned_by(user).count()
        return format_html('<a href="{}?user__id__exact={}">{}</a>', path, user.pk, count)

    @admin.display(description=_("connected providers"))
    def providers(self, user: User) -> str:
        """Their names alone: who somebody is there is nobody's business here."""
        names = offered.names()
        rows = SocialAccount.objects.filter(user=user).order_by("pk")
        found = [names.get(name, name) for name in rows.values_list("provider", flat=True)]
        return ", ".join(found) or "–"

    @admin.display(description=_("second factor"))
    def second_factor(self, user: User) -> str:
        """Its kinds and nothing else of it."""
        names = dict(Authenticator.Type.choices)
        return ", ".join(str(names[kind]) for kind in types_of(user)) or gettext("None")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        if _is_superuser(request):
            return fields
        return (*fields, *PRIVILEGES, *(("email",) if obj else ()))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Staff who may not set a password see no link to it, and no part of its hash."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or _is_superuser(request):
            return fieldsets
        (name, options), *others = fieldsets
        shown = tuple(field for field in options["fields"] if field != "password")
        return ((name, {**options, "fields": shown}), *others)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 - Django's signature
        if not _is_superuser(request):
            raise PermissionDenied
        user = self.get_object(request, id)
        response = super().user_change_password(request, id, form_url)
        changed = self.get_object(request, id)
        if user and changed and user.password != changed.password:
            record_changes(request, changed, ["password"])
            mails.tell(changed, "password_set_by_staff")
        return response

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_manage(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Counts instead of a list, since one user may have a hundred thousand chats. As in Django,
        staff need the permission to delete what is deleted with the user, except what is the user's
        own (`GoesWithUser`).
        """
        users = list(objs)
        related = _related_counts(users)
        registered = ((model, self.admin_site._registry.get(model)) for model in related)  # noqa: SLF001
        needed = {
            model._meta.verbose_name  # noqa: SLF001
            for model, model_admin in registered
            if model_admin
            and not isinstance(model_admin, GoesWithUser)
            and not model_admin.has_delete_permission(request)
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
        if change:
            record_changes(request, obj, form.changed_data)
        if change and "email" in form.changed_data:
            # The former address must not sign in or get mail any more.
            EmailAddress.objects.filter(user=obj).delete()

    @admin.action(description=_("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Not those who wait for approval or were declined: their own page lets them in."""
        inactive = _manageable(request, chosen).filter(is_active=False)
        users = list(inactive.filter(approval=User.Approval.NONE))
        self._report(request, self._set_active(request, users, is_active=True))

    @admin.action(description=_("Deactivate: signs out at once"), permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        others = _manageable(request, chosen).exclude(pk=request_user(request).pk)
        users = list(others.filter(is_active=True))
        self._report(request, self._set_active(request, users, is_active=False))
        for user in users:
            sessions.end_all(user.pk)
            end_access(user.pk)

    def _set_active(self, request: HttpRequest, users: list[User], *, is_active: bool) -> int:
        ids = [user.pk for user in users]
        count = User.objects.filter(pk__in=ids).update(is_active=is_active)
        for user in paced(users):
            user.is_active = is_active
            record_changes(request, user, ["is_active"])
        return count

    @admin.action(description=_("Mark the email address as verified"), permissions=["change"])
    def mark_email_verified(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        chosen = _manageable(request, chosen).exclude(email=None)
        addresses = list(chosen.values_list("pk", "email"))
        for pk, email in paced(addresses):
            EmailAddress.objects.update_or_create(
                user_id=pk, email=email, defaults={"verified": True, "primary": True}
            )
        ids, actor = [pk for pk, _email in addresses], request_user(request)
        record_for_many(ids, Kind.ADDRESS_CONFIRMED, reason="by_staff", actor=actor)
        self._report(request, len(addresses))

    @admin.action(
        description=_("Allow sign-ins again after wrong passwords"), permissions=["change"]
    )
    def allow_sign_in(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        users = list(_manageable(request, chosen))
        for user in users:
            SignInSource.objects.of(user.address_or_id).lift()
        self._report(request, len(users))

    @admin.action(
        description=_("Remove the second factor and passkeys: for people who are locked out"),
        permissions=["superuser"],
    )
    def remove_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        actor = cast("User", request.user)
        removed = [remove_all(user, actor=actor, request=request) for user in paced(list(chosen))]
        self._report(request, sum(removed))

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

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
