"""What the API shows of a line."""

from typing import Any

from django.utils import timezone

from quotes.models import Quote


def body_of_pending(quote: Quote, **changes: Any) -> dict[str, Any]:
    """A pending line of alice as she sees it, which says nothing but "A line"; with `changes`."""
    href = f"http://testserver/quote/{quote.pk}"
    return {
        "id": quote.pk,
        "submitter": "alice",
        "mine": True,
        "content": "A line",
        "speaker": "",
        "source": "",
        "context": "",
        "language": "",
        "state": "pending",
        "gloss": "",
        "gloss_by_model": False,
        "is_apply": False,
        "applied_at": None,
        "reason": "",
        "likes": 0,
        "liked": False,
        "version": 1,
        "created_at": timezone.localtime(quote.created_at).isoformat(),
        "updated_at": timezone.localtime(quote.updated_at).isoformat(),
        "links": [
            {"rel": "self", "href": href, "method": "GET"},
            {"rel": "edit", "href": href, "method": "PATCH"},
            {"rel": "delete", "href": href, "method": "DELETE"},
        ],
        **changes,
    }
