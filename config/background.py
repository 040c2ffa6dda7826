"""Work outside of requests: what a request starts without waiting for it, such as sending mail, and
the tasks that a process repeats.

Apart from being faster, a response that does not wait does not show by its time whether a mail was
sent.
"""

import contextvars
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import Error, connection
from django.utils import translation
from gevent.monkey import is_module_patched

logger = logging.getLogger(__name__)

MAX_RUNNING = 200


def start_beside(work: Callable[[], None]) -> None:
    """Without gevent in place, like `config.offload`: a command would end before a thread does."""
    if is_module_patched("threading"):
        start_thread(work)
    else:
        work()


def start_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=run_and_close, args=(work,), daemon=True).start()


def run_and_close(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


@contextmanager
def one_round(
    log: logging.Logger,
    failure: str,
    *,
    expected: tuple[type[Exception], ...] = (Error,),
    on_expected: Callable[[], object] = lambda: None,
) -> Iterator[None]:
    """One round of a task that is repeated: an error is logged as `failure`, and the next round
    comes all the same. Those that are `expected` are logged without a traceback; then `on_expected`
    is called. The database connection is returned.
    """
    try:
        yield
    except expected as error:
        log.warning("%s: %s", failure, type(error).__name__)
        on_expected()
    except Exception:
        log.exception(failure)
    finally:
        connection.close()


class Runner:
    """Runs work in a greenlet of its own. While `most` are running, further work is dropped."""

    def __init__(
        self,
        *,
        most: int = MAX_RUNNING,
        start: Callable[[Callable[[], None]], None] = start_beside,
    ) -> None:
        self._start = start
        self._most = most
        self._free = threading.BoundedSemaphore(most)

    def run(self, work: Callable[[], object]) -> None:
        """Runs `work` with the caller's context variables and language and a database connection
        of its own. Failures are logged.
        """
        if not self._free.acquire(blocking=False):
            logger.error("background work dropped: %d are running", self._most)
            return
        context = contextvars.copy_context()
        self._start(partial(context.run, self._do, work, translation.get_language()))

    def _do(self, work: Callable[[], object], language: str) -> None:
        try:
            with translation.override(language):
                work()
        except Exception:
            logger.exception("background work failed")
        finally:
            self._free.release()


runner = Runner()
run = runner.run
