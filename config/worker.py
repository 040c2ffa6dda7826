"""gunicorn's gevent worker, with a good end: it takes no more connections, lets the answers that it
writes come to their end, and leaves before the arbiter loses its patience.

Imported before gevent has patched the standard library, so nothing of Django stands here.
"""

import contextlib
import socket
from typing import Any

import gevent
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

MARGIN_SECONDS = 8  # of the graceful timeout, for the last words of the answers that it cuts short


class Log(Logger):  # type: ignore[misc]
    def access(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is logged of a request; gunicorn would put the line together all the same."""


class Worker(GeventWorker):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: set[Any] = set()  # connections between two requests

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        self._waiting.add(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self._waiting.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        self._waiting.discard(sock)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        except TimeoutError:  # a reader that took nothing for too long; it may come back
            raise StopIteration from None
        finally:
            self._waiting.add(sock)

    def run(self) -> None:
        from chat import pulse  # noqa: PLC0415 - Django is there by now

        pulse.start()
        leaving = gevent.spawn(self._leave)
        super().run()
        leaving.join()

    def _leave(self) -> None:
        while self.alive:
            gevent.sleep(0.1)
        for client in list(self._waiting):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RD)
        from chat.pulse import drain  # noqa: PLC0415

        drain(seconds=max(0, self.cfg.graceful_timeout - MARGIN_SECONDS))
