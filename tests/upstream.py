"""The upstream of a test run: one real `fakeopenai` process, and the settings that point at it."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.upstream import embeddings, endpoint, limits
from chat.upstream.fake.completion import MODEL
from chat.upstream.fake.faults import FAULTS

ROOT = Path(__file__).resolve().parent.parent


class Upstream:
    """The fake server as a test sees it. `url` is what OPENAI_BASE_URL names."""

    def __init__(self, url: str) -> None:
        self.url = url

    def requests(self) -> list[Any]:
        """The bodies of the completions that were asked for, oldest first."""
        return [seen["body"] for seen in self.seen() if seen["path"] == "/v1/chat/completions"]

    def seen(self) -> list[dict[str, Any]]:
        """Every request: {method, path, headers, authorized, body}."""
        return self._call("GET", "requests")

    def stats(self) -> dict[str, int]:
        """{open, finished, aborted}: completions being answered, ended, and left by the client."""
        return self._call("GET", "stats")

    def clear(self) -> None:
        """Forgets what it saw, once the completions of an earlier test have ended."""
        end = time.monotonic() + 2
        while self.stats()["open"] and time.monotonic() < end:
            time.sleep(0.01)
        self._call("DELETE", "requests")

    def _call(self, method: str, name: str) -> Any:
        url = f"{self.url.removesuffix('/v1')}/_/{name}"
        request = urllib.request.Request(url, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return json.load(response)


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[Upstream]:
    command = [sys.executable, "-m", "chat.upstream.fake", "--port", "0", "--attached"]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Upstream(process.stdout.readline().strip())
        finally:
            process.terminate()


@pytest.fixture
def upstream(upstream_process: Upstream, settings, monkeypatch) -> Iterator[Upstream]:
    """Daesa asks the fake server, gives up soon, and finds nothing of an earlier test there."""
    settings.OPENAI_BASE_URL = upstream_process.url
    settings.OPENAI_API_KEY = "fake"
    settings.DEFAULT_MODEL = MODEL
    settings.CHAT_MODELS = [MODEL, "board", *(f"{MODEL}-{name}" for name in FAULTS)]
    settings.UPSTREAM_CONNECT_TIMEOUT = 0.5
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT = 0.5
    settings.UPSTREAM_CHUNK_TIMEOUT = 0.5
    monkeypatch.setattr(limits, "BACKOFF_BASE", 0.01)
    monkeypatch.setattr(limits, "BACKOFF_CAP", 0.02)
    endpoint.forget()
    embeddings.breaker.succeeded()
    upstream_process.clear()
    yield upstream_process
    endpoint.forget()
