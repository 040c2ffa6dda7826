"""/quote/random and /quote/today: one line of the board."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from quotes.models import Quote, QuoteQuerySet
from quotes.picks import EmptyBoard, of_today, random_id
from quotes.serializers import QuoteSerializer
from quotes.views.base import ANSWERED, NOT_FOUND, QuoteView, person

RESPONSES: dict[Any, Any] = {200: QuoteSerializer, **NOT_FOUND}


class _Pick(QuoteView):
    def answer(self, line: QuoteQuerySet) -> Response:
        quote = line.shown_to(person(self.request)).first()
        if quote is None:  # it was taken down since
            raise EmptyBoard
        body = self.get_serializer(quote).data
        return Response(body, headers={"Cache-Control": "no-store"})


class RandomQuote(_Pick):
    @extend_schema(
        summary="A line at random",
        description="Of the board, each as likely as the others.",
        responses=RESPONSES,
        examples=[ANSWERED],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.answer(Quote.objects.applied().filter(pk=random_id()))


class TodaysQuote(_Pick):
    @extend_schema(
        summary="The line of the day",
        description="Of the board, the same for everybody from midnight to midnight in the "
        "server's time zone. When it leaves the board, another takes its place.",
        responses=RESPONSES,
        examples=[ANSWERED],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return self.answer(of_today())
