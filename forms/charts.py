"""Drawings of figures, as numbers: a line over the years against its targets, bars of places.

Why: pages run no script and paper none either, so the server draws, for both the same. What a drawing says
stands in a table or a list beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

WIDTH, HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 18, 26


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place of a drawing, and what it says."""

    x: float
    y: float
    title: str
    label: str = ""


@dataclass(frozen=True)
class Chart:
    """A line over time: `track` and `pace` are points of polylines, `ticks` lines across with their value."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    points: tuple[Mark, ...]
    track: tuple[str, ...]
    targets: tuple[Mark, ...]
    pace: str
    ticks: tuple[tuple[float, float], ...]
    years: tuple[Mark, ...]
    breaks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A value on a day, None where there is none, and what is said of it."""

    day: date
    value: float | None
    title: str
    label: str = ""


def chart(
    points: Sequence[Told],
    targets: Sequence[Told],
    knots: Sequence[tuple[date, float]],
    breaks: Sequence[tuple[date, str]],
    until: date,
) -> Chart:
    """The drawing of figures in time with targets, the pace between them, and breaks of the map."""
    days = [one.day for one in (*points, *targets)] + [day for day, _value in knots] + [until]
    first, last = date(min(days).year, 1, 1), max(days)
    values = [one.value for one in (*points, *targets) if one.value is not None]
    top, step = scale_of([*values, *(value for _day, value in knots)])
    scale = _Scale(first, max(1, (last - first).days), top)
    return Chart(
        WIDTH,
        HEIGHT,
        _LEFT,
        WIDTH - _RIGHT,
        HEIGHT - _BOTTOM,
        tuple(scale.marks(points)),
        tuple(_tracks(points, scale)),
        tuple(scale.marks(targets)),
        " ".join(scale.at(day, value) for day, value in knots if day >= first),
        tuple((scale.y(step * number), step * number) for number in range(round(top / step) + 1)),
        tuple(_years(first, last, scale)),
        tuple(Mark(scale.x(day), _TOP, title) for day, title in breaks if first <= day <= last),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    days: int
    top: float

    def x(self, day: date) -> float:
        return round(_LEFT + (day - self.first).days / self.days * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        part = max(0.0, value) / self.top
        return round(HEIGHT - _BOTTOM - part * (HEIGHT - _BOTTOM - _TOP), 1)

    def at(self, day: date, value: float) -> str:
        return f"{self.x(day)},{self.y(value)}"

    def marks(self, several: Iterable[Told]) -> Iterable[Mark]:
        return (
            Mark(self.x(one.day), self.y(one.value), one.title, one.label)
            for one in several
            if one.value is not None
        )


def _tracks(points: Sequence[Told], scale: _Scale) -> Iterable[str]:
    """A piece of the line for each run of figures with none missing between them."""
    run: list[str] = []
    for one in points:
        if one.value is None:
            if len(run) > 1:
                yield " ".join(run)
            run = []
        else:
            run.append(scale.at(one.day, one.value))
    if len(run) > 1:
        yield " ".join(run)


def scale_of(values: Sequence[float]) -> tuple[float, float]:
    """A round number above all values, and the step between the lines up to it."""
    most = max([*values, 0.0]) or 1.0
    rough = most / 4
    power = 10 ** floor(log10(rough))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= rough)
    return step * ceil(round(most / step, 9)), step


def _years(first: date, last: date, scale: _Scale) -> Iterable[Mark]:
    """The years along the bottom, each under the end of it, as many as there is room for."""
    span = last.year - first.year + 1
    every = max(1, ceil(span / 7))
    for year in range(last.year, first.year - 1, -every):
        yield Mark(scale.x(min(date(year, 12, 31), last)), HEIGHT - 8, str(year), str(year))
