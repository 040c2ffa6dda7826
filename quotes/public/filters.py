"""What may be asked for in the address of the board's page and of the card."""

from rest_framework import serializers

from config.api.fields import TextField
from quotes.models import Sort
from quotes.text.input import LanguageField

LAST_PAGE = 10_000


class PageFilters(serializers.Serializer[None]):
    """The same as in `frontend/src/features/quotes/boardSearch.ts`; others are ignored."""

    q = TextField(max_length=200, allow_blank=True, default="")
    speaker = TextField(max_length=200, allow_blank=True, default="")
    source = TextField(max_length=200, allow_blank=True, default="")  # type: ignore[assignment]
    language = LanguageField(help_text="")
    sort = serializers.ChoiceField(Sort.choices, required=False)
    page = serializers.IntegerField(min_value=1, max_value=LAST_PAGE, default=1)
