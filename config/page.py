"""The web page that `make page` builds from `frontend/`. This module serves its document,
WhiteNoise its files. If it has not been built, the server has only the API.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

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

_IMAGE = re.compile(rb'(property="og:image" content=")(/[^"]+)')


def is_wanted(request: HttpRequest) -> bool:
    """Whether a browser is opening an address and the page has been built."""
    kinds = ["application/json", "application/problem+json", "text/html"]
    return (
        request.method in {"GET", "HEAD"}
        and request.get_preferred_type(kinds) == "text/html"
        and is_built()
    )


def is_built() -> bool:
    return _document().is_file()


def show(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    """The page's document, which browsers must revalidate: its name has no hash."""
    path = _document()
    body = _IMAGE.sub(
        lambda found: found[1] + request.build_absolute_uri(found[2].decode()).encode(),
        _read(path, path.stat().st_mtime_ns),
    )
    response = HttpResponse(body, status=status, content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept"])
    return response


def _document() -> Path:
    return Path(settings.PAGE_DIR) / "index.html"


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> bytes:  # noqa: ARG001 - part of the cache key
    return path.read_bytes()
