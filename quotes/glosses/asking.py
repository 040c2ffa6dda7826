"""Asking a model for the glosses of many lines.

    Exception
    ├── ModelAway   the server is away or refuses every request: no other line is asked for
    ├── ModelBusy   it refuses for a moment; the line is asked for again
    └── NoAnswer    it has no answer for this line

Threads send the requests, a few at a time. They have no connection to the database: all statements
run in the thread that iterates. That thread gets an empty outcome each second, so that it can
report its progress while no answer comes.
"""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from time import monotonic
from typing import Protocol

from quotes.glosses.prompt import Prompt, prompt_for
from quotes.models import Quote

AT_ONCE = 4
_TICK_SECONDS = 1.0


class ModelAway(Exception):  # noqa: N818 - these say what happened
    pass


class ModelBusy(Exception):  # noqa: N818
    def __init__(self, why: str, *, wait: float | None = None, again: bool = True) -> None:
        """`wait` is how long the server asks to wait, in seconds. Without `again`, the same line is
        not asked for a second time.
        """
        super().__init__(why)
        self.wait, self.again = wait, again


class NoAnswer(Exception):  # noqa: N818
    pass


class Glosser(Protocol):
    @property
    def model(self) -> str:
        """The model that is asked; "" where there is none."""

    def __call__(self, prompt: Prompt) -> str:
        """What the model says. Raises `ModelAway`, `ModelBusy` or `NoAnswer`."""


glossers: list[Glosser] = []


def provide_glosser(glosser: Glosser) -> None:
    glossers[:] = [glosser]


def model() -> str:
    """The model that is asked for glosses; "" where there is none."""
    return glossers[0].model if glossers else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """A line is asked for up to `tries` times. The wait between them doubles each time, unless the
    server names one. The server counts as away after `lines_in_a_row` without an answer, or where
    it names a wait that is longer than `longest_wait`.
    """

    tries: int = 3
    first_wait: float = 5.0  # seconds
    longest_wait: float = 120.0
    lines_in_a_row: int = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for a line: the model's text, or why there is none. `line` is None where a second
    has passed without a result.
    """

    line: Quote | None = None
    text: str = ""
    why: str = ""


class Asking:
    """Yields the outcomes of the lines; iterate it once. A line is taken only when it is asked for.
    Raises `ModelAway`, after the outcomes of the lines that were being asked for.
    """

    def __init__(
        self, lines: Iterable[Quote], *, at_once: int = AT_ONCE, patience: Patience | None = None
    ) -> None:
        self._lines = iter(lines)
        self._at_once, self._patience = at_once, patience or Patience()
        self._ask = glossers[0]
        self._again = deque[tuple[Quote, int]]()
        self._results = Queue[tuple[Quote, int, str | Exception]]()
        self._has_more = True
        self._open = 0  # requests
        self._resume_at = 0.0
        self._failed_lines = 0
        self._away: Exception | None = None

    def __iter__(self) -> Iterator[Outcome]:
        while self._goes_on():
            try:
                line, tries, result = self._results.get(timeout=self._longest_pause())
            except Empty:
                yield Outcome()
                continue
            self._open -= 1
            if outcome := self._outcome(line, tries, result):
                yield outcome
        if self._away:
            raise ModelAway(str(self._away)) from self._away

    def _goes_on(self) -> bool:
        self._start()
        return bool(self._open or (not self._away and (self._again or self._has_more)))

    def _longest_pause(self) -> float:
        until = self._resume_at - monotonic()
        return min(_TICK_SECONDS, until) if until > 0 else _TICK_SECONDS

    def _start(self) -> None:
        """Sends requests until there are enough."""
        while not self._away and self._open < self._at_once and monotonic() >= self._resume_at:
            line, tries = self._again.popleft() if self._again else (next(self._lines, None), 0)
            if line is None:
                self._has_more = False
                return
            self._open += 1
            threading.Thread(target=self._send, args=(line, tries + 1), daemon=True).start()

    def _send(self, line: Quote, tries: int) -> None:
        try:
            result: str | Exception = self._ask(prompt_for(line))
        except Exception as error:  # noqa: BLE001 - raised where it is iterated
            result = error
        self._results.put((line, tries, result))

    def _outcome(self, line: Quote, tries: int, result: str | Exception) -> Outcome | None:
        if isinstance(result, str):
            self._failed_lines = 0
            return Outcome(line, text=result)
        if isinstance(result, NoAnswer):
            self._failed_lines = 0  # the server answers
            return Outcome(line, why=str(result))
        if isinstance(result, ModelBusy):
            return self._later(line, tries, result)
        if not isinstance(result, ModelAway):
            raise result
        self._away = result
        return None

    def _later(self, line: Quote, tries: int, busy: ModelBusy) -> Outcome | None:
        patience = self._patience
        wait = patience.first_wait * 2 ** (tries - 1) if busy.wait is None else busy.wait
        if wait > patience.longest_wait:
            self._away = busy
            return None
        self._resume_at = max(self._resume_at, monotonic() + wait)
        if busy.again and tries < patience.tries:
            self._again.append((line, tries))
            return None
        self._failed_lines += 1
        if self._failed_lines >= patience.lines_in_a_row:
            self._away = busy
        return Outcome(line, why=str(busy))
