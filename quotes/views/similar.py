"""/quote/similar: what the board has like a line that somebody writes."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from quotes.limits import SimilarThrottle
from quotes.serializers import SimilarInput, SimilarListSerializer
from quotes.similar import find_similar
from quotes.views.base import THROTTLED, QuoteView, person


class SimilarQuotes(QuoteView):
    """POST, for what somebody is writing belongs into no address and no log."""

    throttle_classes = (SimilarThrottle,)

    @extend_schema(
        summary="Find lines like one that you write",
        description="Of the board and of your own lines, those that say the same or nearly the "
        "same, at most five, the likest first. Stores nothing. At most 120 times a minute.",
        request=SimilarInput,
        responses={200: SimilarListSerializer, **THROTTLED},
    )
    def post(self, request: Request) -> Response:
        given = SimilarInput(data=request.data)
        given.is_valid(raise_exception=True)
        found = find_similar(user=person(request), **given.validated_data)
        context = self.get_serializer_context()
        return Response(SimilarListSerializer({"results": found}, context=context).data)
