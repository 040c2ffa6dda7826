"""How the time of a piece of work grows with its text: by CPU time and its ratios, never by the
clock. Linear work takes about 10 times as long for 10 times the text, quadratic work 100 times.
"""

import gc
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Work = Callable[[str], Any]

SIZES = (100, 1_000, 10_000, 100_000)  # the first so that the worst ends soon
SHORT, LONG = (40, 400, 4_000), (4_000, 40_000)  # for parsers that take long
MOST = 25.0  # times the time, for 10 times the text
FLOOR = 0.0005  # CPU seconds; what takes less counts as this much, since clocks and caches vary
CERTAIN = 0.1  # CPU seconds that no linear work takes for so short a text
ENOUGH = 10.0  # CPU seconds, after which work is broken off; linear work needs up to 2
ATTEMPTS = 4  # before work counts as super-linear; a busy machine may spoil one or two


def superlinear(
    work: Work,
    shape: Callable[[int], str],
    sizes: tuple[int, ...] = SIZES,
    *,
    enough: float = ENOUGH,
) -> str:
    """What grew too fast, or "" when nothing did."""
    earlier, text = float("inf"), ""
    for size in sizes:
        before, text = text, shape(size)
        spent = cpu_seconds(work, text, enough=enough)
        if spent == float("inf"):
            return f"no end for {len(text)} characters"
        if _is_too_much(earlier, spent) and (problem := _confirmed(work, before, text, enough)):
            return f"{problem} for {len(before)} and {len(text)} characters"
        earlier = spent
    return ""


def cpu_seconds(work: Work, text: str, times: int = 1, *, enough: float = ENOUGH) -> float:
    """The least of so many runs, by the time of this thread alone; infinite for what had to be
    broken off.
    """
    best = float("inf")
    with _quiet():
        for _ in range(times):
            begun = time.thread_time()
            if not _run(work, text, enough):
                break
            best = min(best, time.thread_time() - begun)
    return best


def plain_look() -> float:
    """CPU seconds of a plain expression on the longest of the texts."""
    words = re.compile(r"\w+|\W")
    return cpu_seconds(words.findall, "a " * (SIZES[-1] // 2), ATTEMPTS)


def _is_too_much(earlier: float, spent: float) -> bool:
    return spent > MOST * max(earlier, FLOOR)


def _confirmed(work: Work, before: str, text: str, enough: float) -> str:
    problem = ""
    for times in range(1, ATTEMPTS + 1):
        earlier, spent = (cpu_seconds(work, one, times, enough=enough) for one in (before, text))
        if not _is_too_much(earlier, spent):
            return ""
        problem = f"{earlier * 1000:.2f} and {spent * 1000:.2f} ms of CPU"
        if times > 1 and spent > CERTAIN:
            break
    return problem


class _TooLong(Exception):  # noqa: N818
    pass


def _run(work: Work, text: str, enough: float) -> bool:
    """Python's expressions look for signals now and then, so even an endless one ends. False: it
    was broken off.
    """
    signal.setitimer(signal.ITIMER_VIRTUAL, enough)
    try:
        work(text)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TooLong:
        return False
    return True


def _break_off(*_: object) -> None:
    raise _TooLong


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Python's look for cycles, which takes the longer, the more objects there are."""
    was_enabled, earlier = gc.isenabled(), signal.signal(signal.SIGVTALRM, _break_off)
    gc.disable()
    try:
        yield
    finally:
        signal.signal(signal.SIGVTALRM, earlier)
        if was_enabled:
            gc.enable()
