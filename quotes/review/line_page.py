"""What the page of a line in the administration shows beside its columns."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from quotes.columns import NAMES, SUBMITTED
from quotes.models import Quote
from quotes.review.decline_form import COMMON_REASONS, DeclineForm
from quotes.review.queue import count_by_state
from quotes.search.duplicates import find_similar_for_review

_BESIDE_THE_WORDS = (*(name for name in SUBMITTED if name != "content"), "gloss")


def context_of(quote: Quote) -> dict[str, Any]:
    """For the template `admin/quotes/quote/change_form.html`."""
    form = DeclineForm(language=quote.language)
    return {
        "line_fields": [(_label(name), name, getattr(quote, name)) for name in _BESIDE_THE_WORDS],
        "record": [(state.label, count) for state, count in count_by_state(quote.user).items()],
        "similar": [
            (found, [getattr(found.quote, name) for name in NAMES])
            for found in find_similar_for_review(quote)
        ],
        "name_labels": [_label(name) for name in NAMES],
        "decline": form,
        "shortcuts": len(COMMON_REASONS),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
    }


def _label(name: str) -> Any:
    return Quote._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # noqa: SLF001
