"""/robots.txt (RFC 9309): crawlers may read the public board and nothing else."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.api.caching import publish
from config.api.links import base_url
from quotes.public.reading import for_readers

MAX_AGE = 3600  # seconds

# The longest rule that fits decides. Crawlers that run the page also need its files and the API.
_RULES = """User-agent: *
Disallow: /
Allow: /quotes$
Allow: /quotes?
Allow: /quotes/
Disallow: /quotes?*q=
Disallow: /quotes/mine
Disallow: /quotes/new
Disallow: /quotes/*/edit
Allow: /quote$
Allow: /quote?
Allow: /quote/
Disallow: /quote/*/like
Disallow: /quote/export
Disallow: /quote/similar
Allow: /feeds/
Allow: /sitemap
Allow: /assets/
Allow: /og.png
Allow: /theme.js
Allow: /fonts.css
Allow: /favicon
Allow: /icon-
Allow: /apple-touch-icon.png
Allow: /manifest.webmanifest

Sitemap: {base}/sitemap.xml
"""
_CLOSED = "User-agent: *\nDisallow: /\n"


@for_readers
def robots(request: HttpRequest) -> HttpResponse:
    text = _RULES.format(base=base_url(request)) if settings.PUBLIC_BOARD else _CLOSED
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    return publish(request, response, seconds=MAX_AGE)
