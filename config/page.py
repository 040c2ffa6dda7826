"""The web page, as `make page` has built it from `frontend/`: its document here, its files by
WhiteNoise. Where it has not been built, the server is an API alone.
"""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

# The addresses that the page itself knows (frontend/src/router.tsx). Each is its document; a
# reader comes to them from outside by a bookmark, a reload or a mail.
ROUTES = (
    r"^(?:login|join|reset(?:/[^/]+)?|verify-email/[^/]+|c/\d+|quotes(?:/.+)?|settings(?:/.+)?)$"
)

_IMAGE = re.compile(rb'(property="og:image" content=")(/[^"]+)')


def is_wanted(request: HttpRequest) -> bool:
    """Whether this is a browser that goes to an address, and there is a page to show it."""
    kinds = ["application/json", "application/problem+json", "text/html"]
    return (
        request.method in {"GET", "HEAD"}
        and request.get_preferred_type(kinds) == "text/html"
        and _document().is_file()
    )


def show(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    """The page's document. Its files have their content's hash in their names; it has not."""
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
def _read(path: Path, changed: int) -> bytes:  # noqa: ARG001 - a rebuilt page is another one
    return path.read_bytes()
