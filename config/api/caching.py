"""HTTP caching (RFC 9111) of what everybody may read.

Other answers have no `Cache-Control` of their own and so `no-store` (`NoStoreMiddleware`).
"""

from typing import TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag

AnyResponse = TypeVar("AnyResponse", bound=HttpResponse)

# What an answer may depend on: a cache gives it only to requests that are equal in all of these.
_VARY = ("Accept", "Accept-Language", "Authorization", "Cookie")


def has_credentials(request: HttpRequest) -> bool:
    """Whether a request has a session or a token, valid or not. Its answer must not be shared."""
    return "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES


def share(request: HttpRequest, response: AnyResponse, *, seconds: int) -> AnyResponse:
    """As `publish`, for an answer that depends on the user: with credentials it is not shared."""
    return response if has_credentials(request) else publish(request, response, seconds=seconds)


def publish(request: HttpRequest, response: AnyResponse, *, seconds: int) -> AnyResponse:
    """Lets caches keep a rendered answer for `seconds`, and then ask by its ETag whether it is
    still the same. Leaves errors unchanged. The answer must be the same for everybody.

    Returns the answer, or 304 or 412 in its place.
    """
    if response.status_code != 200:  # noqa: PLR2004 - OK
        return response
    response["Cache-Control"] = f"public, max-age={seconds}"
    patch_vary_headers(response, _VARY)
    return validated(request, response)


def validated(request: HttpRequest, response: AnyResponse) -> AnyResponse:
    """Adds an ETag. Returns the answer, or 304 or 412 in its place."""
    set_response_etag(response)
    found = get_conditional_response(request, etag=response["ETag"], response=response)
    return cast("AnyResponse", found)
