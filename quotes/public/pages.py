"""/quotes and /quotes/{id} as documents: the document of the page with the texts of the lines in
it, so that crawlers and link previews need no JavaScript.

Requests with a session get the document without lines: the address may be that of a line of the
user that is not on the board.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import ValidationError

from accounts.limits.rate_limits import TooManyAttempts
from config import page
from config.api.caching import has_credentials, validated
from config.api.fast import shared_serializer
from config.api.links import base_url
from config.api.problems import database_unavailable
from config.db.errors import UNAVAILABLE
from quotes.models import Quote
from quotes.public import texts
from quotes.public.filters import PageFilters
from quotes.public.reading import count_read

PER_PAGE = 10  # lines, as the page shows

BOARD, LINE = "quotes/public/board.html", "quotes/public/line.html"


@csrf_exempt
def board_page(request: HttpRequest) -> HttpResponse:
    return _document(request, _board)


@csrf_exempt
def line_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _document(request, _line, pk)


def _document(request: HttpRequest, fill: Any, *keys: int) -> HttpResponse:
    """Raises `Http404` for programs."""
    if not page.is_accepted(request):
        raise Http404
    if not settings.PUBLIC_BOARD or has_credentials(request):
        return _varied(page.show(request))
    try:
        count_read(request)
        response = page.show(request, content=fill(request, *keys))
    except TooManyAttempts as error:
        # The page says so itself when it asks for the lines.
        response = page.show(request, status=429)
        response["Retry-After"] = error.headers["Retry-After"]
    except UNAVAILABLE as error:
        if database_unavailable(error) is None:
            raise
        response = page.show(request, status=503)
    except Quote.DoesNotExist:
        response = page.show(request, status=404, content=_nothing(request))
        response["X-Robots-Tag"] = "noindex"
    else:
        response = validated(request, response)
    return _varied(response)


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Authorization", "Cookie"])
    return response


def _board(request: HttpRequest) -> page.Content:
    """A page of the board. Raises `Quote.DoesNotExist` past the end."""
    filters = _filters(request)
    if filters is None or filters.pop("q"):  # searches are left to the page's code
        return _content(request, "", title=_("The board"), is_listed=False)
    number, sort = filters.pop("page"), filters.pop("sort", "")
    start = (number - 1) * PER_PAGE
    lines = Quote.objects.board_of(None).about(**filters).shown_to(None).sorted_by(sort)
    found = list(lines[start : start + PER_PAGE + 1])
    if number > 1 and not found:
        raise Quote.DoesNotExist
    kept = {name: value for name, value in filters.items() if value}
    name = ", ".join(filter(None, (filters["speaker"], filters["source"])))
    return _content(
        request,
        BOARD,
        title=texts.shortened(name, texts.TITLE) if name else _("The board"),
        description=texts.board_description(),
        path=_address(kept, number),
        previous=_address(kept, number - 1) if number > 1 else "",
        next=_address(kept, number + 1) if len(found) > PER_PAGE else "",
        lines=found[:PER_PAGE],
        is_listed=not sort,
        data=_item_list(request, found[:PER_PAGE]),
    )


def _filters(request: HttpRequest) -> dict[str, Any] | None:
    """None where a parameter is not valid; the page ignores such a parameter."""
    try:
        return dict(shared_serializer(PageFilters).run_validation(request.GET.dict()))
    except ValidationError:
        return None


def _address(filters: dict[str, str], number: int) -> str:
    query = urlencode({**filters, **({"page": number} if number > 1 else {})})
    return f"/quotes?{query}" if query else "/quotes"


def _item_list(request: HttpRequest, lines: list[Quote]) -> dict[str, Any]:
    """https://schema.org/ItemList"""
    entries = [
        {"@type": "ListItem", "position": place, "url": f"{base_url(request)}/quotes/{line.pk}"}
        for place, line in enumerate(lines, 1)
    ]
    return {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": entries}


def _line(request: HttpRequest, pk: int) -> page.Content:
    """Raises `Quote.DoesNotExist` for a line that is not on the board."""
    line = Quote.objects.board_of(None).shown_to(None).get(pk=pk)
    path = f"/quotes/{line.pk}"
    return _content(
        request,
        LINE,
        title=texts.title_of(line),
        description=texts.description_of(line),
        path=path,
        line=line,
        is_listed=True,
        data=texts.quotation(line, base_url(request) + path),
    )


def _nothing(request: HttpRequest) -> page.Content:
    return _content(request, "", title=_("There is nothing at this address."), is_listed=False)


def _content(request: HttpRequest, template: str, **values: Any) -> page.Content:
    data = values.pop("data", None)
    path = values.get("path")
    context = {
        **values,
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": settings.LANGUAGES,
        "url": base_url(request) + path if path else "",
        "base": base_url(request),
        "json_ld": texts.json_ld(data) if data else "",
    }
    return page.Content(
        language=context["language"],
        head=render_to_string("quotes/public/head.html", context),
        body=render_to_string(template, context) if template else page.NOTHING,
    )
