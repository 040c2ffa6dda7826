"""/quote/{id}/like: the like of a user."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.scopes import Scope
from config.api.users import request_user
from quotes.api.base import CONFLICT, RESPONSE_EXAMPLE, THROTTLED, QuoteView
from quotes.api.serializers import QuoteSerializer
from quotes.board.likes import like_quote, unlike_quote
from quotes.models import Quote, QuoteQuerySet

RESPONSES: dict[Any, Any] = {200: QuoteSerializer, **THROTTLED}


class Like(QuoteView):
    scopes = {"PUT": Scope.QUOTES_WRITE, "DELETE": Scope.QUOTES_WRITE}

    def get_queryset(self) -> QuoteQuerySet:
        user = request_user(self.request)
        return Quote.objects.visible_to(user).shown_to(user)

    @extend_schema(
        summary="Like a line of the board",
        description="Liking a line again changes nothing.",
        request=None,
        responses={**RESPONSES, **CONFLICT},
        examples=[RESPONSE_EXAMPLE],
    )
    def put(self, request: Request, pk: int) -> Response:
        like_quote(quote_id=self.get_object().pk, user=request_user(request))
        return self._respond(pk)

    @extend_schema(
        summary="Take your like back",
        description="Without a like nothing changes.",
        responses=RESPONSES,
        examples=[RESPONSE_EXAMPLE],
    )
    def delete(self, request: Request, pk: int) -> Response:
        unlike_quote(quote_id=self.get_object().pk, user=request_user(request))
        return self._respond(pk)

    def _respond(self, pk: int) -> Response:  # noqa: ARG002 - get_object reads it from the route
        return Response(self.get_serializer(self.get_object()).data)
