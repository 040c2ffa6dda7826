"""What judging costs: for answers of 2,000 characters, and as answers grow. What a core does in a
second varies, by what the machine does besides; so its speed is measured, too.
"""

import gc
import random
from statistics import median, quantiles
from time import perf_counter, thread_time

from bench.verification.alterations import WORDS, Material
from bench.verification.cases import LineSet
from bench.verification.judge import judgements

LENGTH = 2000
_LENGTHS = (500, 1000, 2000, 4000, 8000, 16000, 32000)
_WARM = 20  # answers before the first that counts
_EACH = 20  # answers between two measurements of the machine
_GC_THRESHOLD = 20_000  # as in `config/gunicorn.conf.py`


def answer(of: LineSet, length: int, dice: random.Random) -> str:
    """True and altered lines among plain words."""
    text, use = "", Material(dice, of.language, of.pool)
    while len(text) < length:
        line = dice.choice(of.lines).content
        said = WORDS["replaced"](line, use) if dice.random() < 0.3 else line
        text += f"“{said}” {' '.join(dice.choices(of.pool, k=40))}.\n\n"
    return text[:length]


def seconds(text: str) -> tuple[float, float]:
    """CPU and wall-clock time."""
    cpu, start = thread_time(), perf_counter()
    judgements(text, "")
    return thread_time() - cpu, perf_counter() - start


def machine() -> float:
    """Milliseconds of CPU for a fixed piece of Python, as in `bench.__main__`."""
    start = thread_time()
    sum(range(2_000_000))
    return (thread_time() - start) * 1000


def collect_as_a_worker() -> None:
    """Else each full collection would look through the lines of the set, which no worker has."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)


def cost(of: LineSet, times: int = 200) -> None:
    collect_as_a_worker()
    dice, measured, speeds = random.Random(8), list[tuple[float, float]](), list[float]()
    for number in range(times + _WARM):
        measured.append(seconds(answer(of, LENGTH, dice)))
        speeds += [machine()] if number % _EACH == 0 else []
    measured = measured[_WARM:]
    print(f"  the machine: {median(speeds):.1f} ms for summing two million numbers "
          f"({min(speeds):.1f} to {max(speeds):.1f})")  # fmt: skip
    for name, column in zip(("CPU", "clock"), zip(*measured, strict=True), strict=True):
        cuts = [cut * 1000 for cut in quantiles(column, n=100)]
        print(f"  {of.language}, {LENGTH} characters, {name}: "
              f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms")  # fmt: skip


def growth(of: LineSet, times: int = 15) -> None:
    """The median by length; the time for 1,000 characters must not grow with it."""
    dice = random.Random(8)
    for length in _LENGTHS:
        spent = median(seconds(answer(of, length, dice))[0] for _ in range(times)) * 1000
        print(f"  {of.language}, {length} characters, CPU: {spent:.1f} ms, "
              f"{spent * 1000 / length:.2f} ms for 1,000")  # fmt: skip
