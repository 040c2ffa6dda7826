"""/quote/{id}/like: a person's like, once."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from quotes.likes import like_quote, unlike_quote
from quotes.limits import LikeThrottle
from quotes.models import Quote, QuoteQuerySet
from quotes.serializers import QuoteSerializer
from quotes.views.base import ANSWERED, CONFLICT, THROTTLED, QuoteView, person

RESPONSES: dict[Any, Any] = {200: QuoteSerializer, **THROTTLED}


class Like(QuoteView):
    throttle_classes = (LikeThrottle,)

    def get_queryset(self) -> QuoteQuerySet:
        who = person(self.request)
        return Quote.objects.visible_to(who).shown_to(who)

    @extend_schema(
        summary="Like a line of the board",
        description="A second time changes nothing.",
        request=None,
        responses={**RESPONSES, **CONFLICT},
        examples=[ANSWERED],
    )
    def put(self, request: Request, pk: int) -> Response:
        like_quote(quote_id=self.get_object().pk, user=person(request))
        return self._now(pk)

    @extend_schema(
        summary="Take your like back",
        description="Without one, nothing changes.",
        responses=RESPONSES,
        examples=[ANSWERED],
    )
    def delete(self, request: Request, pk: int) -> Response:
        unlike_quote(quote_id=self.get_object().pk, user=person(request))
        return self._now(pk)

    def _now(self, pk: int) -> Response:  # noqa: ARG002 - get_object reads it from the route
        return Response(self.get_serializer(self.get_object()).data)
