"""What staff see of the chat: counts, never texts. Questions and answers have no page here, and
conversations show counts only.
"""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from chat.attachments.models import Attachment
from chat.models import Chat, Conversation, DailyUsage, SiteUsage, StoredAnswer
from chat.reports.admin import MarkReportAdmin  # noqa: F401 - registers itself
from config.goes_with_user import ReadOnly
from config.large_lists import LargeList, ListByAddress


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, ListByAddress):
    list_display = ("id", "user", "chat_count", "temporary", "created_at", "updated_at")
    list_display_links = None
    list_filter = ("created_at",)
    sortable_by = ("id", "created_at")
    search_help_text = _("Beginning of an email address, or # and the number of a user")
    list_select_related = ("user",)
    fields = ("user", "chat_count", "temporary", "created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = super().get_queryset(request)
        # A list computes it for the rows of its page only (config.large_lists).
        chats = Chat.objects.filter(conversation=OuterRef("pk")).order_by()
        count = chats.values("conversation").annotate(count=Count("pk")).values("count")
        shown = ("user__email", "user__nickname", "temporary", "created_at", "updated_at")
        return rows.only(*shown).annotate(chat_count=Coalesce(Subquery(count), 0))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No filter on texts: the rows it finds would show what the texts contain."""
        private = {"title", "system_prompt", "chats"}
        first = lookup.partition("__")[0]
        return first not in private and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("chats"))
    def chat_count(self, row: Conversation) -> int:
        return row.chat_count  # type: ignore[attr-defined, no-any-return]


@admin.register(DailyUsage)
class DailyUsageAdmin(ReadOnly, ListByAddress):
    list_display = ("day", "user", "used", "refunded")
    list_filter = ("day",)
    search_help_text = _(
        "Beginning of an email address, # and the number of a user, or a day such as 2026-03-01"
    )
    list_select_related = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DailyUsage]:
        rows: QuerySet[DailyUsage] = super().get_queryset(request)
        return rows.only("day", "user__email", "user__nickname", "used", "refunded")

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        """By units only where an index chooses the rows: those of some days."""
        of_days = any(name.startswith("day") for name in request.GET)
        return ("day", "used", "refunded") if of_days else ("day",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if day := _day(search_term):
            return queryset.filter(day=day), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(SiteUsage)
class SiteUsageAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    show_full_result_count = False
    list_display = ("day", "used", "budget")
    date_hierarchy = "day"


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly, ListByAddress):
    """How much is kept of whom, never a name or a content."""

    ordering = ("-id",)
    list_display = ("id", "user", "kind", "size", "created_at")
    list_display_links = None
    list_filter = ("kind", "created_at")
    sortable_by = ("id",)
    search_help_text = _("Beginning of an email address, or # and the number of a user")
    list_select_related = ("user",)
    fields = ("user", "kind", "size", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        rows: QuerySet[Attachment] = super().get_queryset(request)
        return rows.only("user__email", "user__nickname", "kind", "size", "created_at")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No filter on names or digests: they would tell what a file is."""
        known = {"kind", "created_at", "user", "id"}
        return lookup.partition("__")[0] in known and super().lookup_allowed(lookup, value, request)


@admin.register(StoredAnswer)
class StoredAnswerAdmin(ReadOnly, LargeList):
    """Which answers are given again, without their texts. To delete one makes the next who asks
    the same ask the model; the answer itself stays.
    """

    list_display = ("id", "model_of", "answered_at", "created_at")
    list_display_links = None
    sortable_by = ("created_at",)
    list_select_related = ("reply",)
    fields = ("model_of", "answered_at", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoredAnswer]:
        rows: QuerySet[StoredAnswer] = super().get_queryset(request)
        return rows.only("answered_at", "created_at", "reply__model")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # noqa: ARG002
        """No filter on texts or people, and none on the key of a question that one guesses."""
        return lookup.partition("__")[0] in {"answered_at", "created_at"}

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description=_("model"))
    def model_of(self, row: StoredAnswer) -> str:
        return row.reply.model


def _day(term: str) -> date | None:
    try:
        return parse_date(term.strip())
    except ValueError:  # such as the 30th of February
        return None
