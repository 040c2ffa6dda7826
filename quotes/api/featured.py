"""/quote/random and /quote/today: one line of the board."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.links import absolute, link
from config.api.scopes import Scope
from config.page import reads_html
from quotes.api.base import NOT_FOUND, RESPONSE_EXAMPLE
from quotes.api.public import PublicQuoteView
from quotes.api.serializers import QuoteSerializer
from quotes.board.featured import EmptyBoard, line_of_the_day, random_id
from quotes.models import Quote, QuoteQuerySet
from quotes.public.card import card
from quotes.public.reading import reader_of

RESPONSES: dict[Any, Any] = {200: QuoteSerializer, **NOT_FOUND}


class _OneLineView(PublicQuoteView):
    def respond(self, line: QuoteQuerySet) -> Response:
        quote = line.shown_to(reader_of(self.request)).first()
        if quote is None:  # it was taken down meanwhile
            raise EmptyBoard
        return Response(self.get_serializer(quote).data)


class RandomQuote(_OneLineView):
    max_age = 0
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

    def dispatch(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        """A card for the frames of other sites, where HTML is preferred."""
        if settings.PUBLIC_BOARD and reads_html(request):
            return card(request)
        response = super().dispatch(request, *args, **named)
        patch_vary_headers(response, ["Accept"])
        return response

    @extend_schema(
        summary="The line of the day",
        description="One line of the board for a whole day in the server's time zone, the same for "
        "all users with the same `Accept-Language`: a line in that language, if the board has one. "
        "If it leaves the board, another takes its place. For frames of other sites there is an "
        "HTML card (`Accept: text/html`, parameters `lang` and `theme`).",
        responses=RESPONSES,
        examples=[RESPONSE_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        response = self.respond(line_of_the_day(get_language() or settings.LANGUAGE_CODE))
        if settings.PUBLIC_BOARD:
            response.data["links"].append(link("embed", absolute(request, "quotes:today")))
        return response
