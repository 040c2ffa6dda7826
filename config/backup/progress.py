"""What a command writes to standard error while it works."""

import sys
from time import monotonic
from typing import IO

_EVERY = 1.0  # seconds


class Progress:
    """At a terminal one line that changes; in a log a line for each table, and every ten seconds
    where it takes long.
    """

    def __init__(self, output: IO[str] | None = None) -> None:
        self._output = output or sys.stderr
        self._is_terminal = self._output.isatty()
        self._every = _EVERY if self._is_terminal else 10 * _EVERY
        self._shown = monotonic()

    def step(self, what: str, done: int, total: int | None = None) -> None:
        if monotonic() - self._shown >= self._every:
            self._write(f"{what}: {done}" + (f" of {total}" if total else ""), is_last=False)

    def end(self, what: str, done: int) -> None:
        """Writes nothing for an empty table."""
        if done:
            self._write(f"{what}: {done}", is_last=True)

    def say(self, text: str) -> None:
        self._write(text, is_last=True)

    def _write(self, text: str, *, is_last: bool) -> None:
        self._shown = monotonic()
        if self._is_terminal:
            self._output.write(f"\r\x1b[K{text}" + ("\n" if is_last else ""))
        else:
            self._output.write(f"{text}\n")
        self._output.flush()
