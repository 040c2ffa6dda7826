"""The upstream that the settings name, or the servers of `UPSTREAMS`."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from chat.upstream.client import Upstream
from chat.upstream.options import ClientOptions
from chat.upstream.parameters import LIMITS
from chat.upstream.traffic import Traffic
from config.upstreams import Server, Servers


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server of `UPSTREAMS` as this process uses it."""

    server: Server
    upstream: Upstream
    traffic: Traffic


class _DefaultUpstream:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._upstreams: dict[tuple[Any, ...], Upstream] = {}
        # The setting is kept beside them: so its id stays its own.
        self._servers: dict[tuple[Any, ...], tuple[Servers, list[RunningServer]]] = {}
        self._overrides: dict[str, Any] = {}

    def get(self) -> Upstream:
        """The upstream by OPENAI_BASE_URL, OPENAI_API_KEY and the UPSTREAM_* settings.

        Follows changed settings. A forked process gets one of its own, since two processes cannot
        share a connection.
        """
        key = (os.getpid(), settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY, *_given())
        upstream = self._upstreams.get(key)
        if upstream is None:
            with self._lock:
                upstream = self._upstreams.get(key)
                if upstream is None:
                    upstream = self._upstreams[key] = self._build(*key[1:])
        return upstream

    def servers(self) -> list[RunningServer]:
        """The servers of `UPSTREAMS`, in their order. Follows changed settings, as `get`."""
        key = (os.getpid(), id(settings.UPSTREAMS), *_given())
        found = self._servers.get(key)
        if found is None:
            with self._lock:
                found = self._servers.get(key)
                if found is None:
                    servers = [self._build_server(one, *_given()) for one in settings.UPSTREAMS]
                    found = self._servers[key] = (settings.UPSTREAMS, servers)
        return found[1]

    def close(self) -> None:
        """Closes idle connections and discards the state of the circuit breakers."""
        with self._lock:
            of_servers = [one.upstream for _, some in self._servers.values() for one in some]
            for upstream in (*self._upstreams.values(), *of_servers):
                upstream.close()
            self._upstreams.clear()
            self._servers.clear()

    @contextmanager
    def override(self, **changes: Any) -> Iterator[None]:
        """Within the block, the default upstream has other `ClientOptions`. For tests, like
        `django.test.override_settings`.
        """
        before = self._overrides
        self._overrides = {**before, **changes}
        self.close()
        try:
            yield
        finally:
            self._overrides = before
            self.close()

    def _build(self, base_url: str, key: str, *given: Any) -> Upstream:
        return Upstream(base_url, key.strip(), options=self._options(*given))

    def _build_server(self, server: Server, *given: Any) -> RunningServer:
        options = self._options(*given)
        own = {name: value for name in _TIMES if (value := getattr(server, name)) is not None}
        options = replace(options, **own, unsupported=options.unsupported | _unsupported(server))
        models = {model.name: model for model in server.models}
        upstream = Upstream(
            server.base_url, server.key, options=options, name=server.name, models=models
        )
        return RunningServer(server, upstream, Traffic(server.name))

    def _options(self, *given: Any) -> ClientOptions:
        options = ClientOptions(**dict(zip((*_TIMES, "unsupported"), given, strict=True)))
        return replace(options, **self._overrides)


_TIMES = ("connect_timeout", "first_byte_timeout", "chunk_timeout")


def _given() -> tuple[Any, ...]:
    """The settings of `ClientOptions`."""
    return (
        settings.UPSTREAM_CONNECT_TIMEOUT,
        settings.UPSTREAM_FIRST_BYTE_TIMEOUT,
        settings.UPSTREAM_CHUNK_TIMEOUT,
        settings.UPSTREAM_UNSUPPORTED_PARAMETERS,
    )


def _unsupported(server: Server) -> frozenset[tuple[str, str]]:
    """What the file says that models do not take, as `ClientOptions.unsupported`."""
    pairs = set()
    for model in server.models:
        if model.limit_parameter:
            pairs |= {(model.name, name) for name in LIMITS if name != model.limit_parameter}
        if not model.takes_temperature:
            pairs.add((model.name, "temperature"))
    return frozenset(pairs)


def has_upstream() -> bool:
    """Whether the settings name any."""
    return bool(settings.OPENAI_BASE_URL or settings.UPSTREAMS)


def upstream_health() -> str:
    """`ok`, `unavailable` or `not_configured`. Of several servers, one that answers is enough."""
    if not settings.UPSTREAMS:
        return default_upstream().health()
    answers = any(one.upstream.health() == "ok" for one in running_servers())
    return "ok" if answers else "unavailable"


_default = _DefaultUpstream()
default_upstream = _default.get
running_servers = _default.servers
close_default_upstream = _default.close
override_default_options = _default.override
