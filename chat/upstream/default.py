"""The upstream that the settings name."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings

from chat.upstream.client import Upstream
from chat.upstream.options import ClientOptions


class _DefaultUpstream:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._upstreams: dict[tuple[Any, ...], Upstream] = {}
        self._overrides: dict[str, Any] = {}

    def get(self) -> Upstream:
        """The upstream by OPENAI_BASE_URL, OPENAI_API_KEY and the UPSTREAM_* settings.

        Follows changed settings. A forked process gets one of its own, since two processes cannot
        share a connection.
        """
        key = (
            os.getpid(),
            settings.OPENAI_BASE_URL,
            settings.OPENAI_API_KEY,
            settings.UPSTREAM_CONNECT_TIMEOUT,
            settings.UPSTREAM_FIRST_BYTE_TIMEOUT,
            settings.UPSTREAM_CHUNK_TIMEOUT,
            settings.UPSTREAM_UNSUPPORTED_PARAMETERS,
        )
        upstream = self._upstreams.get(key)
        if upstream is None:
            with self._lock:
                upstream = self._upstreams.get(key)
                if upstream is None:
                    upstream = self._upstreams[key] = self._build(*key[1:])
        return upstream

    def close(self) -> None:
        """Closes idle connections and discards the state of the circuit breakers."""
        with self._lock:
            for upstream in self._upstreams.values():
                upstream.close()
            self._upstreams.clear()

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
        names = ("connect_timeout", "first_byte_timeout", "chunk_timeout", "unsupported")
        options = ClientOptions(**dict(zip(names, given, strict=True)))
        options = replace(options, **self._overrides)
        return Upstream(base_url, key.strip(), options=options)


_default = _DefaultUpstream()
default_upstream = _default.get
close_default_upstream = _default.close
override_default_options = _default.override
