"""/quote/similar: lines like the one that a user is writing."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.scopes import Scope
from config.api.throttles import WritesPerMinute
from config.api.users import request_user
from quotes.api.base import THROTTLED, QuoteView
from quotes.api.serializers import SimilarInput, SimilarListSerializer
from quotes.api.throttles import SimilarThrottle
from quotes.search.duplicates import find_similar


class SimilarQuotes(QuoteView):
    """POST, so that the text is not in the URL and in no log."""

    scopes = {"POST": Scope.QUOTES_READ}
    throttle_classes = (WritesPerMinute, SimilarThrottle)
    uncounted_writes = {"POST": "it stores nothing, and has a limit of its own"}

    @extend_schema(
        summary="Find lines like one that you write",
        description="Lines of the board and of the user's own that say the same or nearly the "
        "same: at most five, most similar first. Stores nothing. At most 120 requests a minute.",
        request=SimilarInput,
        responses={200: SimilarListSerializer, **THROTTLED},
    )
    def post(self, request: Request) -> Response:
        given = SimilarInput(data=request.data)
        given.is_valid(raise_exception=True)
        found = find_similar(user=request_user(request), **given.validated_data)
        context = self.get_serializer_context()
        return Response(SimilarListSerializer({"results": found}, context=context).data)
