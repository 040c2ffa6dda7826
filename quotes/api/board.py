"""/quote and /quote/{id}: the list, and single lines."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from config.api.fast import shared_serializer
from config.api.links import absolute, link
from config.api.scopes import Scope
from config.api.users import request_user
from quotes.api.base import CONFLICT, EXAMPLE, RESPONSE_EXAMPLE
from quotes.api.public import PublicQuoteView
from quotes.api.serializers import BoardFilters, QuoteSerializer
from quotes.board.lists import BoardList
from quotes.board.submissions import DuplicateQuote, edit_quote, submit_quote
from quotes.columns import TEXT
from quotes.models import Quote, QuoteQuerySet, State
from quotes.public.reading import reader_of
from quotes.search.find import find_on_board
from quotes.text.input import QuoteInput

REQUEST_EXAMPLE = OpenApiExample(
    "A line",
    request_only=True,
    value={name: EXAMPLE[name] for name in TEXT},
)


@contextmanager
def _linking_duplicates(request: Request) -> Iterator[None]:
    """Adds a link to the existing line to the error of a duplicate."""
    try:
        yield
    except DuplicateQuote as duplicate:
        existing = absolute(request, "quotes:quote", duplicate.members["quote"])
        duplicate.members["links"] = [link("duplicate", existing)]
        raise


class Quotes(PublicQuoteView):
    scopes = {"GET": Scope.QUOTES_READ, "POST": Scope.QUOTES_WRITE}

    def get_list(self) -> BoardList:
        filters = shared_serializer(BoardFilters).run_validation(self.request.query_params.dict())
        first, user = filters.pop("language_first"), reader_of(self.request)
        if user is None and (filters["mine"] or filters.get("state", State.APPLIED) != "applied"):
            raise NotAuthenticated
        return BoardList(self._filtered(user, filters), user, first=first)

    def _filtered(self, user: User | None, filters: dict[str, Any]) -> QuoteQuerySet:
        q, sort = filters.pop("q"), filters.pop("sort", "")
        about = {name: filters.pop(name) for name in ("speaker", "source", "language")}
        quotes = Quote.objects.board_of(user, **filters).about(**about)
        if q:
            quotes = quotes.in_order(find_on_board(q, user=user))
        return quotes.sorted_by(sort) if sort or not q else quotes

    @extend_schema(
        summary="List the board",
        description="The applied lines, and the user's own in any state, newest first. With `q`, "
        "the lines that match it, best first unless `sort` is given. With `language_first`, the "
        "lines in that language come before the others, both parts in this order. Without a "
        "sign-in: the applied lines alone, if the site shows its board to everybody "
        "(`PUBLIC_BOARD`).",
        parameters=[BoardFilters],
        responses=QuoteSerializer(many=True),
        examples=[RESPONSE_EXAMPLE],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        page = self.paginate_queryset(cast("Any", self.get_list()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Submit a line",
        description="The line waits for review. A line that is already on the board or among the "
        "user's own (the same letters, no other speaker or work) is a conflict, and `links` lead "
        "to it. More than 100 lines waiting for review are a conflict, too.",
        request=QuoteInput,
        responses={201: QuoteSerializer, **CONFLICT},
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        given = QuoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        with _linking_duplicates(request):
            quote = submit_quote(user=request_user(request), fields=given.validated_data)
        location = absolute(request, "quotes:quote", quote.pk)
        body = self.get_serializer(quote).data
        return Response(body, status=201, headers={"Location": location})


class QuoteDetail(PublicQuoteView):
    """Lines on the board can be read, also without a sign-in (`PUBLIC_BOARD`); the user's own lines
    can be read and changed.
    """

    scopes = {
        "GET": Scope.QUOTES_READ,
        "PUT": Scope.QUOTES_WRITE,
        "PATCH": Scope.QUOTES_WRITE,
        "DELETE": Scope.QUOTES_WRITE,
    }

    def get_queryset(self) -> QuoteQuerySet:
        reader = reader_of(self.request)
        quotes = Quote.objects.shown_to(reader)
        if self.request.method in SAFE_METHODS:
            return quotes.visible_to(reader)
        return quotes.owned_by(request_user(self.request))

    @extend_schema(summary="One quote", responses=QuoteSerializer, examples=[RESPONSE_EXAMPLE])
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Replace your line",
        description="A change sends the quote back to review.",
        request=QuoteInput,
        responses={200: QuoteSerializer, **CONFLICT},
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
    )
    def put(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return self._edit(QuoteInput(data=request.data))

    @extend_schema(
        summary="Change your line",
        description="A change sends the quote back to review.",
        request=QuoteInput,
        responses={200: QuoteSerializer, **CONFLICT},
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
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
