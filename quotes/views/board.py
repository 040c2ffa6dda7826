"""/quote and /quote/{id}: the list, and each line."""

from collections.abc import Iterator
from contextlib import contextmanager

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.input import shared
from config.api.links import absolute, link
from quotes.models import Quote, QuoteQuerySet
from quotes.search import find_on_board
from quotes.serializers import BoardFilters, QuoteInput, QuoteSerializer
from quotes.submissions import DuplicateQuote, edit_quote, submit_quote
from quotes.views.base import ANSWERED, CONFLICT, EXAMPLE, QuoteView, person

ASKED = OpenApiExample(
    "A line",
    request_only=True,
    value={name: EXAMPLE[name] for name in ("content", "speaker", "source", "context")},
)


@contextmanager
def _linking_duplicates(request: Request) -> Iterator[None]:
    """A refused duplicate comes with a link to the line that is there."""
    try:
        yield
    except DuplicateQuote as duplicate:
        there = absolute(request, "quotes:quote", duplicate.members["quote"])
        duplicate.members["links"] = [link("duplicate", there)]
        raise


class Quotes(QuoteView):
    def get_queryset(self) -> QuoteQuerySet:
        filters = shared(BoardFilters).run_validation(self.request.query_params.dict())
        user = person(self.request)
        q, sort = filters.pop("q"), filters.pop("sort", "")
        narrowed = {name: filters.pop(name) for name in ("speaker", "source", "language")}
        quotes = Quote.objects.board_of(user, **filters).about(**narrowed)
        if q:
            quotes = quotes.in_order(find_on_board(q, user=user))
        return quotes.sorted_by(sort) if sort or not q else quotes

    @extend_schema(
        summary="List the board",
        description="The applied quotes, and your own in any state, newest first. With `q`, those "
        "that are most like it, best first unless `sort` says otherwise.",
        parameters=[BoardFilters],
        responses=QuoteSerializer(many=True),
        examples=[ANSWERED],
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset().shown_to(person(request)))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Submit a line",
        description="It waits for review. A line that is on the board or among your own already "
        "(the same letters, no other speaker or work) is a conflict, whose `links` lead to it; so "
        "are more than 100 waiting for review.",
        request=QuoteInput,
        responses={201: QuoteSerializer, **CONFLICT},
        examples=[ASKED, ANSWERED],
    )
    def post(self, request: Request) -> Response:
        given = QuoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        with _linking_duplicates(request):
            quote = submit_quote(user=person(request), fields=given.validated_data)
        location = absolute(request, "quotes:quote", quote.pk)
        body = self.get_serializer(quote).data
        return Response(body, status=201, headers={"Location": location})


class QuoteDetail(QuoteView):
    """What the board shows can be read; what is one's own can be written."""

    def get_queryset(self) -> QuoteQuerySet:
        quotes = Quote.objects.shown_to(person(self.request))
        if self.request.method in SAFE_METHODS:
            return quotes.visible_to(person(self.request))
        return quotes.owned_by(person(self.request))

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
        with _linking_duplicates(self.request):
            edit_quote(quote=quote, fields=given.validated_data)
        return Response(self.get_serializer(quote).data)
