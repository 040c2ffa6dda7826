"""Requests to providers. They follow no redirect, so that codes and secrets go nowhere else, and
have bounds of time and size, so that a slow or broken provider costs little. No database connection
is held meanwhile.
"""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from urllib3 import PoolManager, ProxyManager
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout, make_headers

from accounts.providers.errors import ProviderFailed
from config.db.connections import release_connection
from config.providers import is_safe
from config.proxies import BadProxy, proxy_for

LONGEST_ANSWER = 256 * 1024  # bytes
_PIECE = 16 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    value: Any  # of the JSON

    def object(self) -> dict[str, Any]:
        """Raises `ProviderFailed` unless it is the object of a successful answer."""
        if self.status != 200:  # noqa: PLR2004
            raise ProviderFailed(f"status {self.status}")
        if not isinstance(self.value, dict):
            raise ProviderFailed("no JSON object")
        return self.value


def get(url: str, *, token: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to a GET, with a bearer token if there is one. Raises `ProviderFailed`."""
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    return _ask("GET", url, headers={**authorization, **(headers or {})})


def post_form(
    url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> Answer:
    """Raises `ProviderFailed`."""
    form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return _ask("POST", url, headers=form, body=urlencode(fields).encode())


def basic(pair: str) -> dict[str, str]:
    """The header for `name:password` (RFC 7617)."""
    return dict(make_headers(basic_auth=pair))


def _ask(method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    if not is_safe(url):
        raise ProviderFailed("an address without HTTPS")
    release_connection()
    patience = settings.PROVIDER_TIMEOUT
    end = time.monotonic() + 2 * patience
    try:
        with manager_for(url) as manager:
            response = manager.request(
                method,
                url,
                body=body,
                # Compressed answers could be small on the wire and huge here.
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "User-Agent": "Daesa",
                    **headers,
                },
                timeout=Timeout(connect=patience, read=patience),
                preload_content=False,
                redirect=False,
                retries=False,
            )
            text = _read(response, end)
    except (HTTPError, OSError, BadProxy) as error:
        raise ProviderFailed(type(error).__name__) from error
    return Answer(response.status, _parse(text))


def manager_for(url: str) -> PoolManager:
    """Of connections to the URL's host, by its proxy if there is one. Raises `BadProxy`."""
    proxy = proxy_for(url)
    if proxy is None:
        return PoolManager(ssl_context=_tls())
    return ProxyManager(proxy.address, proxy_headers=proxy.headers(), ssl_context=_tls())


@cache
def _tls() -> ssl.SSLContext:
    """The system's trusted certificates, as for the model's server. Reading them takes a while."""
    return ssl.create_default_context()


def _read(response: BaseHTTPResponse, end: float) -> bytes:
    """`read1` returns what has come, so that the time is looked at between drops."""
    text = b""
    while piece := response.read1(_PIECE, decode_content=False):
        text += piece
        if len(text) > LONGEST_ANSWER:
            raise ProviderFailed("an answer that is too large")
        if time.monotonic() > end:
            raise ProviderFailed("an answer that takes too long")
    return text


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
