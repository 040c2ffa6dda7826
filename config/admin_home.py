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

# In units of the SVG.
_WIDTH = 240
_VALUE_WIDTH = 36  # of the numbers behind horizontal bars
_ROW_HEIGHT, _LABEL_HEIGHT, _BAR_HEIGHT = 38, 16, 12  # of a horizontal bar, with its label above it
_TALLEST = 120  # vertical bar
_LABEL_EVERY, _LABEL_WIDTH = 4, 48  # each fourth vertical bar has a label, if there is room for it


@dataclass(frozen=True)
class Task:
    """Something that waits for staff. `count` may be a `config.large_lists.RoughCount`."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Bar:
    label: str
    value: int
    kind: str = ""  # chooses its colour: a class `of-…` in daesa/admin.css


@dataclass(frozen=True)
class Chart:
    """Horizontal bars below each other, or vertical ones beside each other (`is_series`), as for
    days.
    """

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
        """For each bar its rectangle, and where its label and value are."""
        place = _vertical if self.is_series else _horizontal
        most = self.highest or 1
        return [
            {"bar": bar, **place(number, bar.value / most, len(self.bars))}
            for number, bar in enumerate(self.bars)
        ]

    @property
    def width(self) -> int:
        return _WIDTH

    @property
    def height(self) -> int:
        return _TALLEST + 40 if self.is_series else len(self.bars) * _ROW_HEIGHT


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


def _horizontal(number: int, share: float, _count: int) -> dict[str, Any]:
    top, width = number * _ROW_HEIGHT, round(share * (_WIDTH - _VALUE_WIDTH), 1)
    return {
        "x": 0,
        "y": top + _LABEL_HEIGHT + 4,
        "width": max(width, 1),
        "height": _BAR_HEIGHT,
        "text_y": top + _LABEL_HEIGHT - 2,
        "value_x": width + 6,
        "value_y": top + _LABEL_HEIGHT + _BAR_HEIGHT + 3,
    }


def _vertical(number: int, share: float, count: int) -> dict[str, Any]:
    step, height = _WIDTH / count, round(share * _TALLEST, 1)
    left, top = round(number * step, 1), 20 + _TALLEST - height
    return {
        "x": left,
        "y": top,
        "width": round(step - 4, 1),
        "height": height,
        "value_x": round(left + step / 2 - 2, 1),
        "value_y": top - 6,
        "text_x": round(left + step - 4, 1),
        "text_y": _TALLEST + 36,
        "is_named": (count - 1 - number) % _LABEL_EVERY == 0 and left + step >= _LABEL_WIDTH,
    }
