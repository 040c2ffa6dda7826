"""The upstream of a test run: one real `fakeopenai` process, and the settings that point at it."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from chat.upstream import override_default_options
from config.upstreams import ServedModel, Server, groups_of, names_of
from fakeopenai.completion import MODEL
from fakeopenai.faults import FAULTS

ROOT = Path(__file__).resolve().parent.parent


class FakeUpstream:
    """What a test asks the fake server about itself. OPENAI_BASE_URL names `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def requests(self) -> list[Any]:
        """The bodies of the requests for completions, oldest first."""
        return [seen["body"] for seen in self.seen() if seen["path"] == "/v1/chat/completions"]

    def seen(self) -> list[dict[str, Any]]:
        """Every request: {method, path, headers, authorized, body}."""
        return self._call("GET", "requests")

    def stats(self) -> dict[str, int]:
        """{open, finished, aborted}: completions in progress, ended by the server, and left by the
        client.
        """
        return self._call("GET", "stats")

    def clear(self) -> None:
        """Forgets its requests, once the completions of an earlier test have ended."""
        end = time.monotonic() + 2
        while self.stats()["open"] and time.monotonic() < end:
            time.sleep(0.01)
        self._call("DELETE", "requests")

    def _call(self, method: str, name: str) -> Any:
        url = f"{self.url.removesuffix('/v1')}/_/{name}"
        request = urllib.request.Request(url, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return json.load(response)


@contextmanager
def running_fake() -> Iterator[FakeUpstream]:
    command = [sys.executable, "-m", "fakeopenai", "--port", "0", "--attached"]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield FakeUpstream(process.stdout.readline().strip())
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[FakeUpstream]:
    with running_fake() as fake:
        yield fake


@pytest.fixture(scope="session")
def three_processes() -> Iterator[list[FakeUpstream]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running_fake()) for _ in range(3)]


@pytest.fixture
def upstream_options() -> Iterator[Callable[..., None]]:
    """Changes `ClientOptions` of the default upstream until the test ends."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(override_default_options(**changes))


# Seconds. What a busy machine may take; and what a test waits for where the server sends nothing.
PATIENCE, IMPATIENCE = 30.0, 0.5
# The faults of fakeopenai that end by a timeout, and by which.
SILENCES = {
    "timeout": "first_byte_timeout",
    "timeout-body": "first_byte_timeout",
    "stall": "chunk_timeout",
}


def wait_briefly_for(fault: str, settings) -> None:
    """The settings of a test that waits until the upstream has timed out by this fault."""
    if fault in SILENCES:
        setattr(settings, f"UPSTREAM_{SILENCES[fault].upper()}", IMPATIENCE)


@pytest.fixture
def upstream(upstream_process: FakeUpstream, settings, upstream_options) -> FakeUpstream:
    """The settings name the fake server, which has forgotten earlier tests."""
    settings.OPENAI_BASE_URL = upstream_process.url
    settings.OPENAI_API_KEY = "fake"
    settings.DEFAULT_MODEL = MODEL
    settings.CHAT_MODELS = [MODEL, "board", *(f"{MODEL}-{name}" for name in FAULTS)]
    settings.UPSTREAM_CONNECT_TIMEOUT = PATIENCE
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT = PATIENCE
    settings.UPSTREAM_CHUNK_TIMEOUT = PATIENCE
    upstream_options(backoff_base=0.01, backoff_cap=0.02)
    upstream_process.clear()
    return upstream_process


class Several:
    """Three fake servers, of which a test names as many in `UPSTREAMS` as it needs."""

    def __init__(self, fakes: list[FakeUpstream], settings) -> None:
        self.fakes = dict(zip("abc", fakes, strict=True))
        self._settings = settings

    def server(
        self, name: str, *, fault: str = "", model: dict[str, Any] | None = None, **changes: Any
    ) -> Server:
        """With the model `fake`, which plays the fault."""
        served = {"name": MODEL, "served_as": f"{MODEL}-{fault}" if fault else MODEL}
        given = {
            "base_url": self.fakes[name].url,
            "key": "fake",
            "priority": "abc".index(name) + 1,
            "models": (ServedModel(**{**served, **(model or {})}),),
            **changes,
        }
        return Server(name=name, **given)

    def use(self, *servers: Server) -> None:
        """What the settings are where their file names these servers."""
        self._settings.UPSTREAMS = servers
        self._settings.CHAT_MODELS = [*names_of(servers), "board"]
        self._settings.MODEL_GROUPS = groups_of(servers)

    def asked(self) -> dict[str, int]:
        """How many questions each server got, without those that got none."""
        counts = {name: len(fake.requests()) for name, fake in self.fakes.items()}
        return {name: count for name, count in counts.items() if count}


@pytest.fixture
def several(three_processes: list[FakeUpstream], settings, upstream_options) -> Several:
    settings.DEFAULT_MODEL = MODEL
    settings.UPSTREAM_CONNECT_TIMEOUT = PATIENCE
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT = PATIENCE
    settings.UPSTREAM_CHUNK_TIMEOUT = PATIENCE
    upstream_options(backoff_base=0.01, backoff_cap=0.02)
    for fake in three_processes:
        fake.clear()
    return Several(three_processes, settings)


class Clock:
    """The time of a pool of connections, which passes only when a test lets it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def rest(self) -> None:
        """All connections that are idle now may be reused."""
        self.now += 3600


@pytest.fixture
def pool_clock(upstream_options) -> Clock:
    """The clock of the default upstream's pool."""
    clock = Clock()
    upstream_options(clock=clock)
    return clock
