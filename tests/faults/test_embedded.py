"""The same without any service: one process, SQLite, no Redis."""

import contextlib
import http.client
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.environment import SETTINGS
from tests.faults.reader import Load, Reader, Received, assert_texts, headers_of
from tests.faults.stack import Stack, stack
from tests.live import free_port

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(SETTINGS["DATABASE_URL"]), reason="tells nothing of PostgreSQL"),
]

TWO_SECONDS = "[[chunks: 40]] [[slow: 0.05]]"
EIGHT_SECONDS = "[[chunks: 160]] [[slow: 0.05]]"


@contextlib.contextmanager
def responding(
    daesa: Stack, method: str, received: Received, token: str, **headers: str
) -> Iterator[http.client.HTTPResponse]:
    """The response at a stream. Asks again while the killed process is being replaced."""
    path, end = f"/chat/stream/{received.stream_id}", time.monotonic() + 60
    while True:
        line = http.client.HTTPConnection("127.0.0.1", daesa.port, timeout=60)
        with contextlib.closing(line):
            try:
                line.request(method, path, headers={**headers_of(token), **headers})
                response = line.getresponse()
            except ConnectionError:
                assert time.monotonic() < end
                time.sleep(0.1)
                continue
            yield response
            return


def first_bytes(daesa: Stack, received: Received, token: str) -> bytes:
    """What a reader that resumes gets before the end of its answer is known."""
    resuming = {"Last-Event-ID": str(received.after)}
    with responding(daesa, "GET", received, token, **resuming) as response:
        assert response.status == 200
        return response.readline()


def stop(daesa: Stack, received: Received, token: str) -> int:
    with responding(daesa, "DELETE", received, token) as response:
        return response.status


def test_killed_process():
    """Its answers are closed within a minute, with the text of the last heartbeat; also that which
    its user stopped. Readers hear at once that the server is there, and at the end what is stored.
    """
    with stack(database_server="", redis="", workers=1) as daesa:
        begun = [Received(EIGHT_SECONDS) for _ in daesa.tokens]
        for received, token in zip(begun, daesa.tokens, strict=True):
            Reader(daesa, token).connect(received, "key", range(1, 2))
        waiting = Thread(target=Reader(daesa, daesa.tokens[0]).go_on, args=(begun[0], ""))
        waiting.start()
        time.sleep(4)
        os.kill(daesa.workers()[0], signal.SIGKILL)
        killed_at = time.monotonic()
        assert first_bytes(daesa, begun[1], daesa.tokens[1]) == b": keep-alive\n"
        if stop(daesa, begun[2], daesa.tokens[2]) == 204:  # else 202: it has not ended yet
            assert daesa.status_of(begun[2].stream_id) == "interrupted"
        daesa.wait_until_settled()
        waiting.join()
        assert begun[0].outcome == "interrupted"
        assert_texts(daesa, begun[:1])
        assert stop(daesa, begun[2], daesa.tokens[2]) == 204
        assert time.monotonic() - killed_at < 60
        assert daesa.statuses() == {"interrupted": len(begun)}
        assert daesa.value("SELECT min(length(content)) FROM chat_reply") > 20
        daesa.assert_exact()
        # The same question under the same key is answered by another attempt.
        again = Received(EIGHT_SECONDS)
        Reader(daesa, daesa.tokens[0]).go_on(again, "key")
        assert again.outcome == "done"
        daesa.assert_exact()


def test_reload_loses_nothing():
    with stack(database_server="", redis="", workers=1) as daesa:
        with Load(daesa, readers=6, question=TWO_SECONDS) as load:
            time.sleep(1.5)
            daesa.master.send_signal(signal.SIGHUP)
            time.sleep(3)
        daesa.wait_until_settled()
        assert {received.outcome for received in load.received} == {"done"}
        daesa.assert_exact()
        assert_texts(daesa, load.received)


def test_a_killed_master_has_a_successor_at_once():
    """Its worker leaves the port to the next one and goes on with its answers. A third server on
    the same data is warned about.
    """
    with stack(database_server="", redis="", workers=1) as daesa:
        [worker] = daesa.workers()
        with Load(daesa, readers=4, question=EIGHT_SECONDS) as load:
            _wait_until(lambda: daesa.statuses() == {"streaming": 4})
            load._enough.set()
            daesa.master.kill()
            daesa.master.wait()
            daesa.start_master()
            _wait_until(lambda: "Listening at" in daesa.log.read_text().rpartition("master has")[2])
            assert daesa.statuses() == {"streaming": 4}
        assert {received.outcome for received in load.received} == {"done"}
        assert {received.connections for received in load.received} == {1}
        _wait_until(lambda: not Path(f"/proc/{worker}").exists())
        daesa.assert_exact()
        assert_texts(daesa, load.received)
        assert Reader(daesa, daesa.tokens[0]).ask(TWO_SECONDS).outcome == "done"
        _assert_another_server_is_warned(daesa)


def _assert_another_server_is_warned(daesa: Stack) -> None:
    first = daesa.master.pid
    assert "another server" not in daesa.log.read_text()
    daesa.env["PORT"] = str(free_port())
    daesa.start_master()
    _wait_until(lambda: f"another server (process {first})" in daesa.log.read_text())


def _wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
