"""Connections to one upstream: a urllib3 pool, its headers, its circuit breaker.

urllib3 is used directly: the openai package's client costs several times as much per turn.
"""

import http.client
import logging
import os
import socket
import threading
import urllib.request
from collections.abc import Mapping
from typing import Any, cast

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse
from urllib3.util import Timeout, make_headers, parse_url

from chat.upstream import limits, line
from chat.upstream.breaker import Breaker

# More streams at once than kept connections is ordinary here, and no news.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


_HEAD_BYTES = 1024


class Stale(http.client.HTTPException):
    """A kept-alive connection that the server had closed in the meantime. The request was not
    answered, and sending it again is no retry.
    """


class _Head(http.client.HTTPResponse):
    """Buffers no more than a head needs: the file lives as long as the answer, and the body is read
    from the socket (`chat.upstream.body`).
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = cast("Any", sock).makefile("rb", buffering=_HEAD_BYTES)


class _Connection(HTTPConnection):
    """Only the connection knows its socket, and that it has answered before."""

    response_class = _Head
    _has_answered = False

    def connect(self) -> None:
        self._has_answered = False
        super().connect()
        self._tell_line()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._tell_line()
        try:
            super().request(*args, **kwargs)
        except ConnectionError as error:
            raise self._stale_or(error) from error

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 does
        try:
            response = super().getresponse()
        except ConnectionError as error:  # RemoteDisconnected is one
            raise self._stale_or(error) from error
        self._has_answered = True
        return response

    def _stale_or(self, error: ConnectionError) -> Exception:
        return Stale() if self._has_answered else error

    def _tell_line(self) -> None:
        current = line.current.get()
        if current and self.sock:
            current.take(self.sock)


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _proxy_for(base_url: str) -> str | None:
    url = parse_url(base_url)
    # The stubs lack it.
    if urllib.request.proxy_bypass_environment(url.host or ""):  # type: ignore[attr-defined]
        return None
    proxies = urllib.request.getproxies_environment()
    return proxies.get(url.scheme or "http") or proxies.get("all")


def _make_manager(base_url: str) -> urllib3.PoolManager:
    proxy = _proxy_for(base_url)
    if proxy:
        auth = parse_url(proxy).auth
        manager: urllib3.PoolManager = urllib3.ProxyManager(
            proxy,
            proxy_headers=make_headers(proxy_basic_auth=auth) if auth else None,
            maxsize=limits.KEPT_CONNECTIONS,
        )
    else:
        manager = urllib3.PoolManager(maxsize=limits.KEPT_CONNECTIONS)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager


class Endpoint:
    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url
        self.breaker = Breaker()
        self._headers = {
            "User-Agent": f"daesa/{settings.SPECTACULAR_SETTINGS['VERSION']}",
            "Accept": "text/event-stream, application/json",
            "Content-Type": "application/json",
        }
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._manager = _make_manager(base_url)

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        timeout: Timeout,
        body: bytes | None = None,
    ) -> HTTPResponse:
        """The response with its head read and its body not. Raises urllib3's errors; follows no
        redirect (that would take the key elsewhere) and repeats nothing.
        """
        response = self._manager.urlopen(
            method,
            self.base_url + path,
            body=body,
            headers={**self._headers, **headers},
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        return cast("HTTPResponse", response)

    def close(self) -> None:
        pools = self._manager.pools
        for key in pools.keys():  # noqa: SIM118  # it is no dict, and cannot be iterated
            pools[key].close()
        self._manager.clear()


_lock = threading.Lock()
_endpoints: dict[tuple[int, str, str], Endpoint] = {}


def current() -> Endpoint:
    """The endpoint that the settings name. A forked process gets one of its own, since two
    processes cannot share a connection.
    """
    key = (os.getpid(), settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY.strip())
    endpoint = _endpoints.get(key)
    if endpoint is None:
        with _lock:
            endpoint = _endpoints.get(key)
            if endpoint is None:
                endpoint = _endpoints[key] = Endpoint(key[1], key[2])
    return endpoint


def forget() -> None:
    """Closes idle connections and forgets what the breakers counted."""
    with _lock:
        for endpoint in _endpoints.values():
            endpoint.close()
        _endpoints.clear()
