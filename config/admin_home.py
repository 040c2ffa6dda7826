"""What the home of the administration shows above its lists: what waits for staff, charts of use,
and tables of states. Each app provides its own, since the apps below must not import the others; a
provider returns nothing to staff who lack the permission, and takes the same number of queries for
any number of rows.

The charts are plain SVG without a script or a style of their own, and each has its numbers in a
table as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

_provided: list[Callable[[HttpRequest], "Task | Chart | Table | None"]] = []

WIDTH, VALUES = 240, 36  # of an SVG's own units: all of it, and the numbers behind lying bars
ROW, TEXT, BAR = 38, 16, 12  # of a lying bar: with its name above it, the name, and the bar
HEIGHT = 120  # of the tallest standing bar
EACH, NAME = 4, 48  # of the standing bars each fourth is named, if its name has room


@dataclass(frozen=True)
class Task:
    """What waits. `count` may be a `config.large_lists.RoughCount`."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Bar:
    label: str
    value: int
    kind: str = ""  # its colour: a class `of-…` of daesa/admin.css


@dataclass(frozen=True)
class Chart:
    """Bars that lie below each other, or stand beside each other (`is_series`), as for days."""

    title: str
    note: str
    bars: tuple[Bar, ...]
    is_series: bool = False

    @property
    def total(self) -> int:
        return sum(bar.value for bar in self.bars)

    @property
    def highest(self) -> int:
        return max((bar.value for bar in self.bars), default=0)

    @property
    def shapes(self) -> list[dict[str, Any]]:
        """A rectangle for each bar, with its bar."""
        place = _standing if self.is_series else _lying
        most = self.highest or 1
        return [
            {"bar": bar, **place(number, bar.value / most, len(self.bars))}
            for number, bar in enumerate(self.bars)
        ]

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def height(self) -> int:
        return HEIGHT + 40 if self.is_series else len(self.bars) * ROW


@dataclass(frozen=True)
class Table:
    """Rows of texts and numbers; the first of each names it."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


def provide(provider: Callable[[HttpRequest], Task | Chart | Table | None]) -> None:
    """For an `AppConfig.ready`. They are shown in the order in which they were provided."""
    _provided.append(provider)


def home_of(request: HttpRequest) -> dict[str, list[Any]]:
    found = [provider(request) for provider in _provided]
    return {
        "tasks": [one for one in found if isinstance(one, Task)],
        "charts": [one for one in found if isinstance(one, Chart)],
        "tables": [one for one in found if isinstance(one, Table)],
    }


def _lying(number: int, share: float, _count: int) -> dict[str, Any]:
    top, width = number * ROW, round(share * (WIDTH - VALUES), 1)
    return {
        "x": 0,
        "y": top + TEXT + 4,
        "width": max(width, 1),
        "height": BAR,
        "text_y": top + TEXT - 2,
        "value_x": width + 6,
        "value_y": top + TEXT + BAR + 3,
    }


def _standing(number: int, share: float, count: int) -> dict[str, Any]:
    step, height = WIDTH / count, round(share * HEIGHT, 1)
    left, top = round(number * step, 1), 20 + HEIGHT - height
    return {
        "x": left,
        "y": top,
        "width": round(step - 4, 1),
        "height": height,
        "value_x": round(left + step / 2 - 2, 1),
        "value_y": top - 6,
        "text_x": round(left + step - 4, 1),
        "text_y": HEIGHT + 36,
        "is_named": (count - 1 - number) % EACH == 0 and left + step >= NAME,
    }
