"""What the doors of the board share."""

from typing import TYPE_CHECKING, cast

from drf_spectacular.utils import OpenApiExample
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from quotes.models import Quote
from quotes.serializers import QuoteSerializer

if TYPE_CHECKING:
    from accounts.models import User

EXAMPLE = {
    "id": 7,
    "submitter": "hana",
    "mine": True,
    "content": "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를",
    "speaker": "윤동주",
    "source": "서시",
    "context": "시집 『하늘과 바람과 별과 시』를 여는 다짐",
    "language": "ko",
    "state": "pending",
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
ANSWERED = OpenApiExample("A quote", response_only=True, value=EXAMPLE)
PROBLEM = {"$ref": "#/components/schemas/Problem"}
FORBIDDEN = {(403, "application/problem+json"): PROBLEM}
NOT_FOUND = {(404, "application/problem+json"): PROBLEM}
CONFLICT = {(409, "application/problem+json"): PROBLEM}
THROTTLED = {(429, "application/problem+json"): PROBLEM}


class QuoteView(GenericAPIView[Quote]):
    queryset = Quote.objects.none()
    serializer_class = QuoteSerializer


def person(request: Request) -> "User":
    """The one who asks; the permission of these views lets nobody else in."""
    return cast("User", request.user)
