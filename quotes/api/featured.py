"""/quote/random and /quote/today: one line of the board."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.scopes import Scope
from config.api.users import request_user
from quotes.api.base import NOT_FOUND, RESPONSE_EXAMPLE, QuoteView
from quotes.api.serializers import QuoteSerializer
from quotes.board.featured import EmptyBoard, random_id, todays_line
from quotes.models import Quote, QuoteQuerySet

RESPONSES: dict[Any, Any] = {200: QuoteSerializer, **NOT_FOUND}


class _OneLineView(QuoteView):
    def respond(self, line: QuoteQuerySet) -> Response:
        quote = line.shown_to(request_user(self.request)).first()
        if quote is None:  # it was taken down meanwhile
            raise EmptyBoard
        return Response(self.get_serializer(quote).data)


class RandomQuote(_OneLineView):
    scopes = {"GET": Scope.QUOTES_READ}

    @extend_schema(
        summary="A line at random",
        description="A random line of the board, all equally likely.",
        responses=RESPONSES,
        examples=[RESPONSE_EXAMPLE],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.respond(Quote.objects.applied().filter(pk=random_id()))


class TodaysQuote(_OneLineView):
    scopes = {"GET": Scope.QUOTES_READ}

    @extend_schema(
        summary="The line of the day",
        description="One line of the board for a whole day in the server's time zone, the same for "
        "all users. If it leaves the board, another takes its place.",
        responses=RESPONSES,
        examples=[RESPONSE_EXAMPLE],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.respond(todays_line())
