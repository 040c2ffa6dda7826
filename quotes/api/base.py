"""What the endpoints of the board share."""

from drf_spectacular.utils import OpenApiExample
from rest_framework.generics import GenericAPIView

from quotes import columns
from quotes.api.serializers import QuoteSerializer
from quotes.models import Quote

EXAMPLE = {
    "id": 7,
    "submitter": "hana",
    "mine": True,
    **columns.EXAMPLE,
    "state": "pending",
    "gloss": "",
    "gloss_by_model": False,
    "is_apply": False,
    "applied_at": None,
    "reason": "",
    "likes": 0,
    "liked": False,
    "version": 1,
    "created_at": "2026-03-01T09:30:00+09:00",
    "updated_at": "2026-03-01T09:30:00+09:00",
    "links": [
        {"rel": "self", "href": "https://daesa.example/quote/7", "method": "GET"},
        {"rel": "edit", "href": "https://daesa.example/quote/7", "method": "PATCH"},
        {"rel": "delete", "href": "https://daesa.example/quote/7", "method": "DELETE"},
    ],
}
RESPONSE_EXAMPLE = OpenApiExample("A quote", response_only=True, value=EXAMPLE)
PROBLEM = {"$ref": "#/components/schemas/Problem"}
FORBIDDEN = {(403, "application/problem+json"): PROBLEM}
NOT_FOUND = {(404, "application/problem+json"): PROBLEM}
CONFLICT = {(409, "application/problem+json"): PROBLEM}
THROTTLED = {(429, "application/problem+json"): PROBLEM}


class QuoteView(GenericAPIView[Quote]):
    queryset = Quote.objects.none()
    serializer_class = QuoteSerializer
