"""The board: /quote and /quote/{id}."""

from typing import TYPE_CHECKING, cast

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.links import absolute
from quotes.models import Quote, QuoteQuerySet
from quotes.search import find_on_board
from quotes.serializers import BoardFilters, QuoteInput, QuoteSerializer
from quotes.submissions import edit_quote, submit_quote

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
    "version": 1,
    "created_at": "2026-03-01T09:30:00+09:00",
    "updated_at": "2026-03-01T09:30:00+09:00",
    "links": [
        {"rel": "self", "href": "https://daesa.example/quote/7", "method": "GET"},
        {"rel": "edit", "href": "https://daesa.example/quote/7", "method": "PATCH"},
        {"rel": "delete", "href": "https://daesa.example/quote/7", "method": "DELETE"},
    ],
}
ASKED = OpenApiExample(
    "A line",
    request_only=True,
    value={name: EXAMPLE[name] for name in ("content", "speaker", "source", "context")},
)
ANSWERED = OpenApiExample("A quote", response_only=True, value=EXAMPLE)
CONFLICT = {(409, "application/problem+json"): {"$ref": "#/components/schemas/Problem"}}


def _person(request: Request) -> "User":
    """The one who asks; the permission of these views lets nobody else in."""
    return cast("User", request.user)


class Quotes(GenericAPIView[Quote]):
    queryset = Quote.objects.none()
    serializer_class = QuoteSerializer

    def get_queryset(self) -> QuoteQuerySet:
        filters = BoardFilters(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        wanted = dict(filters.validated_data)
        q = wanted.pop("q")
        quotes = Quote.objects.board_of(_person(self.request), **wanted)
        return quotes.in_order(find_on_board(q, user=_person(self.request))) if q else quotes

    @extend_schema(
        summary="List the board",
        description="The applied quotes, and your own in any state, newest first. With `q`, those "
        "that are most like it, best first.",
        parameters=[BoardFilters],
        responses=QuoteSerializer(many=True),
        examples=[ANSWERED],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        page = self.paginate_queryset(self.get_queryset().with_submitter())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Submit a line",
        description="It waits for review. A line that you have submitted already, or more than "
        "100 waiting for review, is a conflict.",
        request=QuoteInput,
        responses={201: QuoteSerializer, **CONFLICT},
        examples=[ASKED, ANSWERED],
    )
    def post(self, request: Request) -> Response:
        given = QuoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        quote = submit_quote(user=_person(request), fields=given.validated_data)
        location = absolute(request, "quotes:quote", quote.pk)
        body = self.get_serializer(quote).data
        return Response(body, status=201, headers={"Location": location})


class QuoteDetail(GenericAPIView[Quote]):
    """What the board shows can be read; what is one's own can be written."""

    queryset = Quote.objects.none()
    serializer_class = QuoteSerializer

    def get_queryset(self) -> QuoteQuerySet:
        quotes = Quote.objects.with_submitter()
        if self.request.method in SAFE_METHODS:
            return quotes.visible_to(_person(self.request))
        return quotes.owned_by(_person(self.request))

    @extend_schema(summary="One quote", responses=QuoteSerializer, examples=[ANSWERED])
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Replace your line",
        description="A change sends the quote back to review.",
        request=QuoteInput,
        responses={200: QuoteSerializer, **CONFLICT},
        examples=[ASKED, ANSWERED],
    )
    def put(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return self._edit(QuoteInput(data=request.data))

    @extend_schema(
        summary="Change your line",
        description="A change sends the quote back to review.",
        request=QuoteInput,
        responses={200: QuoteSerializer, **CONFLICT},
        examples=[ASKED, ANSWERED],
    )
    def patch(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return self._edit(QuoteInput(data=request.data, partial=True))

    @extend_schema(summary="Withdraw your line", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        self.get_object().delete()
        return Response(status=204)

    def _edit(self, given: QuoteInput) -> Response:
        quote = self.get_object()
        given.is_valid(raise_exception=True)
        edit_quote(quote=quote, fields=given.validated_data)
        return Response(self.get_serializer(quote).data)
