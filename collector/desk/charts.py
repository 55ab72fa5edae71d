"""Drawings of figures, as numbers: a line over the years against its targets, and points on the map.

Why: pages run no script, so the server draws; what a drawing says stands in a table or a list beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

from forms.values import Point

WIDTH, HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 18, 26

EAST, NORTH = 101.5, 24.0
"""Where the outline of the country begins (country.svg)."""

PER_EAST, PER_SOUTH = 6.0, 6.25
"""Units of the outline a degree."""

_LEAST_BOX = 1.5
"""Units a map shows at least: a quarter of a degree."""

_MARGIN = 0.18


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
    top, step = _scale([*values, *(value for _day, value in knots)])
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


def _scale(values: Sequence[float]) -> tuple[float, float]:
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


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on a map: `status` says its shape and colour."""

    x: float
    y: float
    code: str
    name: str
    status: str
    value: float | None


@dataclass(frozen=True)
class Map:
    """A part of the country: its box, the radius of a dot in it, and the dots."""

    box: str
    radius: float
    dots: tuple[Dot, ...]


def located(points: Mapping[str, Point], said: Mapping[str, tuple[str, str, float | None]]) -> Map | None:
    """A map of the places whose position is known; `said` has name, status and value. None without any."""
    inside = {code: _flat(point) for code, point in points.items() if code in said}
    if not inside:
        return None
    wide = [x for x, _y in inside.values()]
    high = [y for _x, y in inside.values()]
    size = max(max(wide) - min(wide), max(high) - min(high), _LEAST_BOX)
    edge = size * _MARGIN
    left = (max(wide) + min(wide) - size) / 2 - edge
    top = (max(high) + min(high) - size) / 2 - edge
    whole = size + 2 * edge
    radius = whole / 45
    dots = _ordered([Dot(x, y, code, *said[code]) for code, (x, y) in inside.items()])
    return Map(f"{left:.2f} {top:.2f} {whole:.2f} {whole:.2f}", round(radius, 3), tuple(dots))


def _flat(point: Point) -> tuple[float, float]:
    return round((point.longitude - EAST) * PER_EAST, 3), round((NORTH - point.latitude) * PER_SOUTH, 3)


def _ordered(dots: Iterable[Dot]) -> list[Dot]:
    """The dots from the best to the worst, so that where two overlap the worse is not hidden."""
    order = ("met", "", "duty", "no_data", "on_way", "behind")
    return sorted(dots, key=lambda one: (order.index(one.status), one.code))
