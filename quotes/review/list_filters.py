"""Filters of the list of lines in the administration."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.db.sql import fetch_all
from quotes.models import Quote, QuoteQuerySet, State

# Looks each one up in the index; SELECT DISTINCT would read all lines.
_LANGUAGES = """
WITH RECURSIVE found (language) AS (
    SELECT min(language) FROM quotes_quote
    UNION ALL
    SELECT (SELECT min(language) FROM quotes_quote WHERE language > found.language)
    FROM found WHERE found.language IS NOT NULL
)
SELECT language FROM found WHERE language IS NOT NULL LIMIT 100
"""


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(value, str(label)) for value, label in State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Quote]) -> QuerySet[Quote]:  # noqa: ARG002
        if self.value() not in State.values:
            return queryset
        return cast("QuoteQuerySet", queryset).in_state(cast("str", self.value()))


class GlossFilter(admin.SimpleListFilter):
    """The lines whose meaning a model has written and nobody has reviewed."""

    title = _("meaning")
    parameter_name = "meaning"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("unseen", _("by a model, not reviewed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Quote]) -> QuerySet[Quote]:  # noqa: ARG002
        if self.value() != "unseen":
            return queryset
        return queryset.filter(gloss_by__gt="", gloss_reviewed_at=None)  # quote_gloss_unseen


class LanguageFilter(admin.SimpleListFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(language, language or "–") for (language,) in fetch_all(_LANGUAGES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Quote]) -> QuerySet[Quote]:  # noqa: ARG002
        return queryset if self.value() is None else queryset.filter(language=self.value())
