"""How requests reach a server: urllib3 with our pool of connections, by a proxy where one is set.

urllib3 is used directly because the openai package's client costs several times as much CPU per
turn (ADR 0006).
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol, cast

import urllib3
from urllib3.response import HTTPResponse
from urllib3.util import Timeout

from chat.upstream.options import ClientOptions
from chat.upstream.pool import SecureUpstreamPool, UpstreamPool
from config.proxies import proxy_for


class Transport(Protocol):
    """What an `Upstream` sends its requests with. Tests may pass their own."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout: Timeout,
        body: bytes | None = None,
    ) -> HTTPResponse: ...

    def close(self) -> None: ...


class PooledTransport:
    """Keeps connections for later requests. The proxy for `base_url`, if there is one, is that of
    the environment (`config.proxies`).
    """

    def __init__(self, base_url: str, options: ClientOptions) -> None:
        proxy = proxy_for(base_url)
        manager = (
            urllib3.ProxyManager(proxy.address, proxy_headers=proxy.headers())
            if proxy
            else urllib3.PoolManager()
        )
        pools: Any = {
            "http": partial(UpstreamPool, options=options),
            "https": partial(SecureUpstreamPool, options=options),
        }
        manager.pool_classes_by_scheme = pools
        self._manager = manager

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout: Timeout,
        body: bytes | None = None,
    ) -> HTTPResponse:
        """The response with its head read and its body unread. Raises urllib3's errors.

        Does not retry, and does not follow redirects, which could send the key to another host.
        """
        response = self._manager.urlopen(
            method,
            url,
            body=body,
            headers=headers,
            timeout=timeout,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        return cast("HTTPResponse", response)

    def close(self) -> None:
        """Closes the idle connections. Those in use are closed when their response ends."""
        pools = self._manager.pools
        for key in pools.keys():  # noqa: SIM118  # not a dict, and not iterable
            pools[key].close()
        self._manager.clear()
