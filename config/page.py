"""The web page that `make page` builds from `frontend/`. This module serves its document,
WhiteNoise its files. If it has not been built, the server has only the API.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString

# The page's addresses and the server's, which must not overlap. The page's router, Vite's
# development proxy and nginx are checked against the same list.
ADDRESSES: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "page_routes.json").read_text(encoding="utf-8")
)
_PARAMETERS = {"$id": r"\d+", "$key": "[^/]+"}
# Each address of the page answers with its document: browsers ask the server for one after a
# reload, a bookmark or a link in a mail. The root is a view of its own.
ROUTES = "^(?:{})/?$".format(
    "|".join(
        "/".join(_PARAMETERS.get(segment, segment) for segment in path.split("/")[1:])
        for path in ADDRESSES["pages"]
        if path != "/"
    )
)

# The parts of the document that `Content` replaces.
_HEAD = re.compile(rb"<!-- meta -->.*<!-- /meta -->", re.DOTALL)
_LANGUAGE = re.compile(rb'(?<=<html lang=")[^"]*')
_ROOT = re.compile(rb'(?<=<div id="root">)(?=</div>)')
_NEEDS_JAVASCRIPT = re.compile(rb"<noscript>.*?</noscript>", re.DOTALL)
_IMAGE = re.compile(rb'(property="og:image" content=")(/[^"]+)')

_READS = frozenset({"GET", "HEAD"})
NOTHING = SafeString("")


@dataclass(frozen=True, slots=True)
class Content:
    """What the server itself writes into the document, for readers without JavaScript: crawlers and
    link previews. `head` replaces title and description; the page's code replaces `body`.
    """

    language: str
    head: SafeString
    body: SafeString = NOTHING


def is_wanted(request: HttpRequest) -> bool:
    """Whether a browser is opening an address and the page has been built."""
    return reads_html(request) and is_built()


def reads_html(request: HttpRequest) -> bool:
    """Whether the request reads a document, as a browser does that opens an address."""
    return request.method in _READS and prefers_html(request)


def prefers_html(request: HttpRequest) -> bool:
    """Whether the answer is for a browser and not for a program."""
    kinds = ["application/json", "application/problem+json", "text/html"]
    return request.get_preferred_type(kinds) == "text/html"


def is_accepted(request: HttpRequest) -> bool:
    """Whether to send a document from an address that has nothing else: programs that make previews
    of links accept any kind.
    """
    return request.method in _READS and request.accepts("text/html") and is_built()


def is_built() -> bool:
    return _document().is_file()


def fonts() -> str:
    """The address of the page's font faces, "" if it has not been built."""
    return "/fonts.css" if _document().with_name("fonts.css").is_file() else ""


def show(
    request: HttpRequest, *, status: int = 200, content: Content | None = None
) -> HttpResponse:
    """The page's document, which browsers must revalidate: its name has no hash."""
    path = _document()
    body = _read(path, path.stat().st_mtime_ns)
    body = _filled(body, content) if content else body
    body = _IMAGE.sub(
        lambda found: found[1] + request.build_absolute_uri(found[2].decode()).encode(), body
    )
    response = HttpResponse(body, status=status, content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept"])
    return response


def _filled(document: bytes, content: Content) -> bytes:
    """Writes the content into its places. A document that an older release has built lacks some;
    nothing is written there.
    """
    places = [(_LANGUAGE, content.language), (_HEAD, content.head)]
    if content.body:
        places += [(_NEEDS_JAVASCRIPT, ""), (_ROOT, content.body)]
    for place, text in places:
        encoded = text.encode()
        # A function, because `sub` would read a backslash in a text as the begin of a reference.
        document = place.sub(lambda _found, encoded=encoded: encoded, document, count=1)  # type: ignore[misc]
    return document


def _document() -> Path:
    return Path(settings.PAGE_DIR) / "index.html"


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> bytes:  # noqa: ARG001 - part of the cache key
    return path.read_bytes()
