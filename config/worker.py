"""gunicorn's gevent worker with an orderly shutdown: it stops accepting connections and drains
running answers before gunicorn's graceful_timeout.

Imported before gevent patches the standard library, so it must not import Django.
"""

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import sys
from typing import Any

import gevent
from gunicorn.glogging import Logger
from gunicorn.util import write_nonblock
from gunicorn.workers.ggevent import GeventWorker

from config.http_refusals import is_of_client, response_to

MARGIN_SECONDS = 8  # of the graceful timeout, to store the answers that are cut short
_PR_SET_PDEATHSIG = 1  # prctl(2) of Linux


def _end_with_parent(number: int) -> None:
    """Have the system send this signal when the master dies (0: none), where it can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


class Log(Logger):  # type: ignore[misc]
    """gunicorn's logger without addresses of clients and contents of requests."""

    def access(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing; gunicorn would format the line even with no access log."""

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Socket error"):  # the client's connection broke
            super().warning("connection lost: %s", type(sys.exc_info()[1]).__name__)
            return
        super().exception(msg, *args, **kwargs)


class Worker(GeventWorker):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._idle: set[Any] = set()  # connections between two requests

    def init_process(self) -> None:
        _end_with_parent(signal.SIGKILL)  # while it is being loaded, there is nothing to lose
        if os.getppid() != self.ppid:
            os._exit(0)
        super().init_process()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        self._idle.add(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self._idle.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        self._idle.discard(sock)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        except TimeoutError:  # a client that did not read for too long
            raise StopIteration from None
        finally:
            self._idle.add(sock)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002 - gunicorn's signature
        """Logs nothing of the request: its address may have search words."""
        request_id = secrets.token_hex(16)
        if is_of_client(exc):
            self.log.warning("refused: %s, request %s", type(exc).__name__, request_id)
        else:
            self.log.error("Error handling request %s", request_id, exc_info=exc)
        with contextlib.suppress(OSError):
            write_nonblock(client, response_to(exc, request_id))

    def run(self) -> None:
        _end_with_parent(0)  # from here on `_shut_down` looks

        from chat.turns import heartbeat  # noqa: PLC0415 - Django is loaded by now
        from config import watch  # noqa: PLC0415
        from config.db.connections import limit_time  # noqa: PLC0415

        limit_time()
        heartbeat.start()
        watch.start()
        shutdown = gevent.spawn(self._shut_down)
        super().run()
        shutdown.join()

    def notify(self) -> None:
        """Gunicorn's own exits at once where the master has died; `_shut_down` drains first."""
        self.tmp.notify()

    def _shut_down(self) -> None:
        while self.alive and os.getppid() == self.ppid:
            gevent.sleep(0.1)
        if self.alive:
            self._outlive_the_master()
        for client in list(self._idle):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RD)
        from chat.turns.shutdown import drain  # noqa: PLC0415

        drain(seconds=max(0, self.cfg.graceful_timeout - MARGIN_SECONDS))

    def _outlive_the_master(self) -> None:
        """Ends as after SIGTERM: gunicorn's loop closes the listening sockets within a second, for
        which the next master waits, and answers are drained. No master is left to kill a worker
        that does not end, so the system's clock does.
        """
        self.log.warning("the master has died; worker %s finishes its answers", self.pid)
        self.alive = False
        signal.alarm(self.cfg.graceful_timeout)
