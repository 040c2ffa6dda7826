"""Which representation a request gets, by `Accept` (RFC 9110, 12.5.1)."""

from collections.abc import Iterable

from django.http.request import MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class ContentNegotiation(DefaultContentNegotiation):
    """Django REST Framework's own ignores `q`.

    The most specific range that covers a media type gives its quality; 0 excludes it. The best
    quality wins, then the more specific range, then the view's order. Parameters other than `q`,
    such as `charset`, exclude nothing.
    """

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002 - the API has none
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type. Raises `NotAcceptable`."""
        ranges = [MediaType(text) for text in self.get_accept_list(request)]
        ranges.sort(key=lambda one: one.specificity, reverse=True)
        best, chosen = (0.0, 0), None
        for renderer in renderers:
            found = next((one for one in ranges if _covers(one, renderer.media_type)), None)
            if found and found.quality and (found.quality, found.specificity) > best:
                best, chosen = (found.quality, found.specificity), renderer
        if chosen is None:
            raise NotAcceptable(available_renderers=list(renderers))
        return chosen, chosen.media_type


def _covers(wanted: MediaType, media_type: str) -> bool:
    main, _, sub = media_type.partition("/")
    return wanted.main_type in {"*", main} and wanted.sub_type in {"*", sub}
