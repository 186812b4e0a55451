"""The geometry of a bar or line chart, drawn by the server (templates/web/chart.html).

Across, everything is in per cent of the width and down in pixels: so text keeps its size on a narrow screen without a
style attribute, which the content security policy forbids.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Literal

HEIGHT = 300
TOP, BASE = 12, 262
LEFT = 12.0
"""Per cent of the width kept for the numbers of the upright axis."""
MOST_LABELS = 6
"""So many labels of the level axis stay on a narrow screen."""
MOST_SLOTS = 24
"""With more categories than this the others have no room on a wide screen either."""
SERIES_COLOURS = 8


@dataclass(frozen=True, slots=True)
class Series:
    """One named row of values, one for each category."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is to be drawn; texts are in the reader's language already. Values are not negative.

    Raises ValueError for series that do not match the categories, negative values or more than eight series.
    """

    title: str
    description: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    category_label: str
    kind: Literal["stacked", "line"] = "stacked"

    def __post_init__(self) -> None:
        if any(len(one.values) != len(self.categories) for one in self.series):
            raise ValueError("each series needs one value for each category")
        if any(value < 0 for one in self.series for value in one.values):
            raise ValueError("values must not be negative")
        if len(self.series) > SERIES_COLOURS:
            raise ValueError(f"at most {SERIES_COLOURS} series can be told apart")

    def total(self, index: int) -> float:
        """The sum of one category over all series."""
        return sum(one.values[index] for one in self.series)


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar: `x` and `width` in per cent, `y` and `height` in pixels; `series` counts from 1."""

    series: int
    x: float
    y: float
    width: float
    height: float
    category: str
    value: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """A piece of a line between two neighbouring categories."""

    series: int
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template prints: grid as (y, value), labels as (x, text, left out on narrow screens)."""

    bars: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]
    grid: tuple[tuple[float, float], ...]
    labels: tuple[tuple[float, str, bool], ...]


def draw(chart: Chart) -> Drawing:
    """The geometry of `chart`."""
    step, top = scale(_highest(chart))
    grid = tuple((_y(step * n, top), step * n) for n in range(round(top / step) + 1))
    bars = tuple(_bars(chart, top)) if chart.kind == "stacked" else ()
    strokes = tuple(_strokes(chart, top)) if chart.kind == "line" else ()
    return Drawing(bars, strokes, grid, tuple(_labels(chart.categories)))


def scale(highest: float) -> tuple[float, float]:
    """A round step (1, 2 or 5 times a power of ten) and the top of an axis of at most five steps up to `highest`."""
    if highest <= 0:
        return 1.0, 1.0
    power = 10.0 ** floor(log10(highest / 5))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor * 5 >= highest * (1 - 1e-9))
    steps = next(n for n in range(1, 7) if step * n >= highest * (1 - 1e-9))
    return step, step * steps


def _highest(chart: Chart) -> float:
    if chart.kind == "line":
        return max((value for one in chart.series for value in one.values), default=0)
    return max((chart.total(index) for index in range(len(chart.categories))), default=0)


def _y(value: float, top: float) -> float:
    return round(BASE - (BASE - TOP) * value / top, 2)


def _slot(count: int, index: int) -> tuple[float, float]:
    """The left edge and width of a category's share of the level axis, in per cent."""
    width = (100 - LEFT) / count
    return LEFT + width * index, width


def _bars(chart: Chart, top: float) -> Iterator[Mark]:
    for index, category in enumerate(chart.categories):
        left, width = _slot(len(chart.categories), index)
        below = 0.0
        for number, one in enumerate(chart.series, 1):
            value = one.values[index]
            y, foot = _y(below + value, top), _y(below, top)
            below += value
            if value:
                x, wide = round(left + width * 0.15, 3), round(width * 0.7, 3)
                yield Mark(number, x, y, wide, round(foot - y, 2), category, value)


def _strokes(chart: Chart, top: float) -> Iterator[Stroke]:
    slots = [_slot(len(chart.categories), index) for index in range(len(chart.categories))]
    for number, one in enumerate(chart.series, 1):
        points = [
            (round(left + width / 2, 3), _y(value, top)) for (left, width), value in zip(slots, one.values, strict=True)
        ]
        for (x1, y1), (x2, y2) in pairwise(points):
            yield Stroke(number, x1, y1, x2, y2)


def _labels(categories: Sequence[str]) -> Iterator[tuple[float, str, bool]]:
    every = -(-len(categories) // MOST_LABELS) if categories else 1
    for index, text in enumerate(categories):
        sparse = index % every != 0
        if not sparse or len(categories) <= MOST_SLOTS:
            left, width = _slot(len(categories), index)
            yield round(left + width / 2, 3), text, sparse
