"""RSS 2.0 and Atom 1.0 of the lines that were last put on the board, of all languages or of one."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from config.api.caching import publish
from quotes.models import Quote
from quotes.public import texts
from quotes.public.reading import count_read, demand_public, for_readers

LINES = 30
MAX_AGE = 600  # seconds

if TYPE_CHECKING:
    NewestFeed = Feed[Quote, str]
else:
    NewestFeed = Feed


class _Newest(NewestFeed):
    """`obj` is the language, or "" for all.

    Feed readers take titles and descriptions for HTML, so both are escaped once more than XML is.
    """

    def get_object(self, request: HttpRequest, *args: Any, **named: Any) -> str:  # noqa: ARG002
        return str(named.get("language", "")).lower()

    def get_feed(self, obj: str, request: HttpRequest) -> Any:
        self.language = obj or translation.get_language()
        self.feed_url = request.path
        return super().get_feed(obj, request)

    def link(self, obj: str) -> str:
        return f"/quotes?language={obj}" if obj else "/quotes"

    def title(self, obj: str) -> str:
        title = f"Daesa: {_('New lines')}"
        return f"{title} ({obj})" if obj else title

    def description(self) -> str:
        return texts.board_description()

    subtitle = description

    def items(self, obj: str) -> list[Quote]:
        lines = Quote.objects.applied().about(language=obj).shown_to(None)
        return list(lines.order_by("-applied_at", "-id")[:LINES])

    def item_title(self, item: Quote) -> str:
        return escape(texts.title_of(item))

    def item_description(self, item: Quote) -> str:
        return escape(texts.description_of(item))

    def item_link(self, item: Quote) -> str:
        return f"/quotes/{item.pk}"

    def item_pubdate(self, item: Quote) -> datetime | None:
        return item.applied_at

    def item_updateddate(self, item: Quote) -> datetime:
        return item.updated_at


class _RSS(_Newest):
    feed_type = Rss201rev2Feed


class _Atom(_Newest):
    feed_type = Atom1Feed


@for_readers
def rss(request: HttpRequest, language: str = "") -> HttpResponse:
    return _feed(request, _RSS(), language)


@for_readers
def atom(request: HttpRequest, language: str = "") -> HttpResponse:
    return _feed(request, _Atom(), language)


def _feed(request: HttpRequest, feed: _Newest, language: str) -> HttpResponse:
    demand_public()
    count_read(request)
    known = language if language in dict(settings.LANGUAGES) else translation.get_language()
    with translation.override(known):
        response: HttpResponse = feed(request, language=language)
    del response["Last-Modified"]  # another line may be the newest; the ETag tells it
    return publish(request, response, seconds=MAX_AGE)
