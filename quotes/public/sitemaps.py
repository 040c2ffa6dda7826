"""/sitemap.xml: the index of the sitemaps, one of the board and one for each range of lines' ids.

Ranges of ids are found in an index at once; for numbered pages the database would count and skip
lines. Each entry of a line has the time of its last change. The index of the sitemaps has none,
because finding the newest would mean reading all lines.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.sitemaps import Sitemap, views
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from config.api.caching import publish
from quotes.models import Quote
from quotes.public.reading import count_read, demand_public, for_readers

IDS = 2000  # of a sitemap, which has at most so many lines
MAX_AGE = 3600  # seconds

if TYPE_CHECKING:
    LineSitemap = Sitemap[Quote]
    AddressSitemap = Sitemap[str]
else:
    LineSitemap = AddressSitemap = Sitemap


class _Range:
    def __init__(self, lines: list[Quote]) -> None:
        self.object_list = lines


class _Ranges:
    """What `Sitemap` asks of Django's paginator, for ranges of ids."""

    @property
    def num_pages(self) -> int:
        ids = Quote.objects.applied().order_by("-pk").values_list("pk", flat=True)
        return max(1, -(-(ids.first() or 0) // IDS))

    def page(self, number: str | int) -> _Range:
        """Raises `EmptyPage` or `PageNotAnInteger`."""
        text = str(number)
        if not (text.isascii() and text.isdigit()):
            raise PageNotAnInteger
        place = int(text[:19])
        if not 1 <= place <= self.num_pages:
            raise EmptyPage
        ids = {"pk__gt": (place - 1) * IDS, "pk__lte": place * IDS}
        lines = Quote.objects.applied().filter(**ids).order_by("pk")
        return _Range(list(lines.only("pk", "updated_at")))


class _Lines(LineSitemap):
    @property
    def paginator(self) -> _Ranges:  # type: ignore[override]
        return _Ranges()

    def get_latest_lastmod(self) -> None:
        """Unknown without reading all lines."""

    def location(self, item: Quote) -> str:
        return f"/quotes/{item.pk}"

    def lastmod(self, item: Quote) -> datetime:
        return item.updated_at


class _Board(AddressSitemap):
    changefreq = "daily"

    def items(self) -> list[str]:
        return ["/quotes"]

    def location(self, item: str) -> str:
        return item


SITEMAPS: "dict[str, type[Sitemap[Any]] | Sitemap[Any]]" = {"board": _Board, "lines": _Lines}


@for_readers
def index(request: HttpRequest) -> HttpResponse:
    demand_public()
    count_read(request)
    found = views.index(request, SITEMAPS, sitemap_url_name="quotes:sitemap")
    return _published(request, found)


@for_readers
def sitemap(request: HttpRequest, section: str) -> HttpResponse:
    demand_public()
    count_read(request)
    return _published(request, views.sitemap(request, SITEMAPS, section=section))


def _published(request: HttpRequest, response: TemplateResponse) -> HttpResponse:
    return publish(request, response.render(), seconds=MAX_AGE)
