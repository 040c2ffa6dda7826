"""Personal tokens in the administration: staff see them and revoke them. Whether they may is a
question of the token's user: who may view or change that user.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.personal_tokens.lifecycle import end_token
from accounts.personal_tokens.models import PersonalToken
from config.batches import paced
from config.large_lists import ListByAddress


@admin.register(PersonalToken)
class PersonalTokenAdmin(ListByAddress):
    list_display = (
        *("user", "name", "start", "scope", "state"),
        *("created_at", "expires_at", "last_used_at", "used"),
    )
    list_display_links = None
    list_select_related = ("user",)
    list_filter = ("created_at",)
    sortable_by = ("created_at",)
    ordering = ("-id",)
    search_help_text = _("Beginning of an email address")
    actions = ("revoke",)
    fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_view_permission(
        self,
        request: HttpRequest,
        obj: PersonalToken | None = None,  # noqa: ARG002
    ) -> bool:
        return _may(request, "view") or _may(request, "change")

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: PersonalToken | None = None,  # noqa: ARG002
    ) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PersonalToken | None = None) -> bool:
        """`obj` None: in general. Whoever may delete a user may delete the tokens, too."""
        if obj is None:
            return _may(request, "change") or _may(request, "delete")
        return _may(request, "change") and _may_manage(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's own, which would neither end streams nor leave an event."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No filter on what no page shows."""
        hidden = lookup.partition("__")[0] in {"digest", "stamp"}
        return not hidden and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("state"))
    def state(self, token: PersonalToken) -> str:
        return str(token.state(token.user).label)

    @admin.action(description=_("Revoke: ends them at once"), permissions=["delete"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[PersonalToken]) -> None:
        tokens = [
            token
            for token in chosen.select_related("user")
            if self.has_delete_permission(request, token)
        ]
        count = sum(_end(request, token) for token in paced(tokens))
        text = ngettext("%(count)d token revoked.", "%(count)d tokens revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: PersonalToken) -> None:
        _end(request, obj)


def _end(request: HttpRequest, token: PersonalToken) -> bool:
    actor: Any = request.user
    return end_token(token, request=request, actor=actor)


def _may(request: HttpRequest, what: str) -> bool:
    return bool(request.user.has_perm(f"accounts.{what}_user"))


def _may_manage(request: HttpRequest, token: PersonalToken) -> bool:
    """Tokens of staff are for superusers, as their accounts are."""
    is_superuser = bool(getattr(request.user, "is_superuser", False))
    return is_superuser or not (token.user.is_staff or token.user.is_superuser)
