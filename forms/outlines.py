"""Outlines of places read from GeoJSON, checked, made plain enough to be drawn.

Why: what an office finds or draws comes with every bend of a river, in other coordinates, half of it
without names; what cannot be drawn is told with the name of the outline and what to do about it.
Source: RFC 7946; degrees of WGS 84, east first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any, Final

import orjson

from forms.maps import Ring
from forms.outline_problems import (
    OutlineCrossing,
    OutlineEmpty,
    OutlinesElsewhere,
    OutlinesNotDegrees,
    OutlinesNotGeoJson,
    OutlinesTooLarge,
)
from forms.phrases import Phrase

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_FEATURES: Final = 4000
MOST_POINTS: Final = 250_000

WEST, EAST, SOUTH, NORTH = 102.0, 118.5, 6.0, 23.6
"""Where Viet Nam lies with its islands."""

_LONGEST_TEXT: Final = 200
_TEXTS: Final = 40
_CORNERS: Final = 4
_EARTH_EAST, _EARTH_NORTH = 180.0, 90.0

_LOOKS_A_SIDE: Final = 60

_LIMITS: Final = {"megabytes": MOST_BYTES // 2**20, "features": MOST_FEATURES, "points": MOST_POINTS}


@dataclass(frozen=True, slots=True)
class Found:
    """An outline of a file: its number in it, what its properties say, and its rings."""

    number: int
    texts: Mapping[str, str]
    rings: tuple[Ring, ...]

    @property
    def name(self) -> str:
        """What a person would know it by: the longest text with letters in it, else its number."""
        words = [text for text in self.texts.values() if any(sign.isalpha() for sign in text)]
        named = [text for key, text in self.texts.items() if "ten" in key.lower() or "name" in key.lower()]
        return next(iter(named), max(words, key=len, default=f"#{self.number}"))


def read_outlines(data: bytes) -> list[Found]:
    """The areas of a GeoJSON file, features without an area left out.

    Raises OutlinesTooLarge, OutlinesNotGeoJson, OutlinesNotDegrees, OutlinesElsewhere, OutlineEmpty,
    OutlineCrossing.
    """
    if len(data) > MOST_BYTES:
        raise OutlinesTooLarge(**_LIMITS)
    found: list[Found] = []
    points = 0
    for number, feature in enumerate(_features(data), start=1):
        texts = _texts(feature.get("properties"))
        one = Found(number, texts, ())
        polygons = _polygons(feature.get("geometry"))
        rings = tuple(_ring(one, ring, at) for at, ring in enumerate(_rings(polygons), start=1))
        if not rings:
            continue
        points += sum(map(len, rings))
        if points > MOST_POINTS or len(found) >= MOST_FEATURES:
            raise OutlinesTooLarge(**_LIMITS)
        found.append(Found(number, texts, rings))
    if not found:
        raise OutlinesNotGeoJson(cause=Phrase("there is no area in it."))
    _refuse_crossings(found)
    return found


def _refuse_crossings(found: Sequence[Found]) -> None:
    for one in found:
        for ring in one.rings:
            crossing = crossing_of(ring)
            if crossing is not None:
                raise OutlineCrossing(name=one.name, east=round(crossing[0], 4), north=round(crossing[1], 4))


def _features(data: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        document = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise OutlinesNotGeoJson(cause=Phrase("it is not JSON.")) from error
    several = document.get("features") if isinstance(document, dict) else None
    if not isinstance(several, list):
        several = [document] if isinstance(document, dict) and document.get("type") == "Feature" else None
    if several is None:
        raise OutlinesNotGeoJson(cause=Phrase("it holds no list of features."))
    return (one for one in several if isinstance(one, dict))


def _texts(properties: object) -> dict[str, str]:
    if not isinstance(properties, dict):
        return {}
    return {
        str(key)[:_LONGEST_TEXT]: str(value).strip()[:_LONGEST_TEXT]
        for key, value in list(properties.items())[:_TEXTS]
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def _polygons(geometry: object) -> list[Any]:
    """The polygons of a geometry, each a list of rings; empty for points, lines and what is broken."""
    if not isinstance(geometry, dict):
        return []
    held = geometry.get("coordinates")
    if not isinstance(held, list):
        return []
    if geometry.get("type") == "Polygon":
        return [held]
    return held if geometry.get("type") == "MultiPolygon" else []


def _rings(polygons: Sequence[Any]) -> Iterator[Any]:
    for polygon in polygons:
        yield from polygon if isinstance(polygon, list) else [None]


def _ring(one: Found, given: object, number: int) -> Ring:
    corners = [_corner(one, corner) for corner in given] if isinstance(given, list) else []
    if corners and corners[0] != corners[-1]:
        corners.append(corners[0])
    if len(set(corners)) < _CORNERS - 1:
        raise OutlineEmpty(name=one.name, number=number, corners=len(set(corners)))
    return tuple(corners)


def _corner(one: Found, given: object) -> tuple[float, float]:
    east, north = given[:2] if isinstance(given, list) and len(given) > 1 else (None, None)
    if not isinstance(east, int | float) or not isinstance(north, int | float):
        raise OutlinesNotDegrees(name=one.name, east=str(east)[:20], north=str(north)[:20])
    if not (isfinite(east) and isfinite(north)) or abs(east) > _EARTH_EAST or abs(north) > _EARTH_NORTH:
        exchanged = abs(north) <= _EARTH_EAST and abs(east) <= _EARTH_NORTH
        problem = OutlinesElsewhere if exchanged else OutlinesNotDegrees
        raise problem(name=one.name, east=_short(east), north=_short(north))
    if not (WEST <= east <= EAST and SOUTH <= north <= NORTH):
        raise OutlinesElsewhere(name=one.name, east=_short(east), north=_short(north))
    return float(east), float(north)


def _short(value: float) -> float:
    return round(value, 3) if isfinite(value) else 0.0


# Crossings --------------------------------------------------------------------------------------------


def crossing_of(ring: Ring) -> tuple[float, float] | None:
    """Where a ring crosses itself, about; None where it does not. Touching itself is no crossing.

    Raises OutlinesTooLarge where so many corners lie in one spot that looking would take minutes.
    """
    sides = list(pairwise(ring))
    size = _cell_size(ring, len(sides))
    cells: dict[tuple[int, int], list[int]] = {}
    left = _LOOKS_A_SIDE * (len(sides) + 100)
    for number, (start, end) in enumerate(sides):
        for cell in _cells(start, end, size):
            left -= len(cells.setdefault(cell, []))
            if left < 0:
                raise OutlinesTooLarge(**_LIMITS)
            for other in cells[cell]:
                if _cross(*sides[other], start, end):
                    return start
            cells[cell].append(number)
    return None


def _cell_size(ring: Ring, sides: int) -> float:
    wide = max(east for east, _ in ring) - min(east for east, _ in ring)
    high = max(north for _, north in ring) - min(north for _, north in ring)
    longest = max(max(abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in pairwise(ring))
    # No side lies in more than some cells, and no cell holds more than some sides.
    return float(max(max(wide, high) / max(1.0, sides**0.5), longest / 32, 1e-9))


def _cells(start: tuple[float, float], end: tuple[float, float], size: float) -> Iterator[tuple[int, int]]:
    left, right = sorted((int(start[0] / size), int(end[0] / size)))
    low, high = sorted((int(start[1] / size), int(end[1] / size)))
    return ((column, row) for column in range(left, right + 1) for row in range(low, high + 1))


_Corner = tuple[float, float]


def _cross(a: _Corner, b: _Corner, c: _Corner, d: _Corner) -> bool:
    """Whether two sides cross, each going from one side of the other to its other side."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: _Corner, b: _Corner, c: _Corner) -> float:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    # Nearer than rounding can tell is on the line.
    return 0.0 if abs(turn) < 1e-14 else turn  # noqa: PLR2004 - degrees squared, far below a metre
