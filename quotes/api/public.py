"""What the endpoints share that people without an account may read (`PUBLIC_BOARD`)."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from config.api.caching import has_credentials, share
from config.api.throttles import WritesPerMinute
from quotes.api.base import QuoteView
from quotes.public.reading import MAX_AGE, count_read

READS = frozenset({"GET", "HEAD"})


class ReadableByAll(IsAuthenticated):
    """Everybody may read, if the site wants it; the other methods need a sign-in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        is_open = settings.PUBLIC_BOARD and request.method in READS
        return is_open or super().has_permission(request, view)


class ReadsWithoutAccount(BaseThrottle):
    """Counts reads without an account by address. Raises `TooManyAttempts`."""

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        if not request.user.is_authenticated:
            count_read(request, is_search=bool(request.query_params.get("q")))
        return True


class PublicQuoteView(QuoteView):
    permission_classes = (ReadableByAll,)
    throttle_classes = (WritesPerMinute, ReadsWithoutAccount)
    open_methods = READS  # for the schema
    max_age = MAX_AGE  # 0: no cache may keep the answer

    def finalize_response(self, request: Request, *args: Any, **named: Any) -> Response:
        """Lets caches keep what was answered without an account."""
        response = super().finalize_response(request, *args, **named)
        if not has_credentials(request):
            response["X-Robots-Tag"] = "noindex"  # search engines show the pages instead
            if self.max_age:
                response.add_post_render_callback(self._share)
        return response

    def _share(self, response: Response) -> Response:
        is_read = self.request.method in READS
        return share(self.request._request, response, seconds=self.max_age) if is_read else response  # noqa: SLF001
