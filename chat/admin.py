"""What staff see of the chat: how much, never what. People's questions and answers have no page
here, and conversations show counts only.
"""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.models import Conversation, DailyUsage


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    list_display = ("id", "user", "chat_count", "created_at", "updated_at")
    list_display_links = None
    list_filter = ("created_at",)
    search_fields = ("user__email",)
    list_select_related = ("user",)
    fields = ("user", "chat_count", "created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = super().get_queryset(request)
        return rows.defer("title", "system_prompt").annotate(chat_count=Count("chats"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No words in the address: whatever they find, they would tell."""
        words = {"title", "system_prompt", "chats"}
        first = lookup.partition("__")[0]
        return first not in words and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("chats"), ordering="chat_count")
    def chat_count(self, row: Conversation) -> int:
        return row.chat_count  # type: ignore[attr-defined, no-any-return]


@admin.register(DailyUsage)
class DailyUsageAdmin(ReadOnly):
    list_display = ("day", "user", "used")
    list_filter = ("day",)
    search_fields = ("user__email",)
    list_select_related = ("user",)
    date_hierarchy = "day"
