"""Outlines made plain: fewer corners, the same along a border for both neighbours.

Why: a province with every bend of its rivers would be megabytes to a phone; thinned one by one, neighbours
would part or overlap. So the lines between junctions are thinned, each once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import cos, radians
from typing import Final, TypeAlias

from forms.maps import Outline, Ring
from forms.values import Point

FINENESS: Final = 0.002
"""Degrees a line may move: 200 metres are less than a dot on a screen."""

_GRID: Final = 10_000
_FEWEST: Final = 4

_Corner: TypeAlias = tuple[int, int]
_Line: TypeAlias = list[_Corner]


def simplified(shapes: Mapping[str, Sequence[Ring]], fineness: float = FINENESS) -> dict[str, Outline]:
    """The shapes by the same keys with as few corners as needed, borders shared as before.

    Islands smaller than what is left out go, but for the largest ring of each shape.
    """
    whole = {key: [one for ring in rings if len(one := _on_grid(ring)) > 1] for key, rings in shapes.items()}
    junctions = _junctions([ring for rings in whole.values() for ring in rings])
    far = fineness * _GRID
    found = {}
    for key, rings in whole.items():
        ordered = sorted(rings, key=_area, reverse=True)
        plain = [_plain(ring, junctions, far) for ring in ordered]
        kept = [ring for ring in plain if len(ring) >= _FEWEST] or ordered[:1]
        if kept:
            found[key] = Outline(tuple(map(_degrees, kept)), _middle(kept[0]))
    return found


def _on_grid(ring: Ring) -> _Line:
    corners: _Line = []
    for east, north in ring:
        corner = (round(east * _GRID), round(north * _GRID))
        if not corners or corners[-1] != corner:
            corners.append(corner)
    return corners


def _degrees(ring: _Line) -> Ring:
    return tuple((east / _GRID, north / _GRID) for east, north in ring)


def _junctions(rings: Sequence[_Line]) -> set[_Corner]:
    """The corners where three lines or more meet: borders begin and end there."""
    beside: defaultdict[_Corner, set[_Corner]] = defaultdict(set)
    for ring in rings:
        for one, other in pairwise(ring):
            beside[one].add(other)
            beside[other].add(one)
    return {corner for corner, others in beside.items() if len(others) > 2}  # noqa: PLR2004 - two is a line


def _plain(ring: _Line, junctions: set[_Corner], far: float) -> _Line:
    corners = ring[:-1]
    # A ring without junctions begins at the same corner whoever describes it.
    begin = next((at for at, corner in enumerate(corners) if corner in junctions), None)
    begin = corners.index(min(corners)) if begin is None else begin
    turned = [*corners[begin:], *corners[:begin], corners[begin]]
    ends = [at for at, corner in enumerate(turned) if corner in junctions or at in (0, len(turned) - 1)]
    plain: _Line = [turned[0]]
    for start, end in pairwise(ends):
        plain += _thinned(turned[start : end + 1], far)[1:]
    return plain


def _thinned(line: _Line, far: float) -> _Line:
    """A line with only the corners it needs, thinned in the same direction for both who share it."""
    if line[0] == line[-1]:
        apart = max(range(len(line)), key=lambda at: _apart(line[0], line[at]))
        if not 0 < apart < len(line) - 1:
            return line
        return _thinned(line[: apart + 1], far)[:-1] + _thinned(line[apart:], far)
    if line[0] > line[-1]:
        return _needed(line[::-1], far)[::-1]
    return _needed(line, far)


def _needed(line: _Line, far: float) -> _Line:
    keep = {0, len(line) - 1}
    todo = [(0, len(line) - 1)]
    while todo:
        start, end = todo.pop()
        worst, where = 0.0, 0
        for at in range(start + 1, end):
            off = _off(line[at], line[start], line[end])
            if off > worst:
                worst, where = off, at
        if worst > far:
            keep.add(where)
            todo += [(start, where), (where, end)]
    return [line[at] for at in sorted(keep)]


def _apart(one: _Corner, other: _Corner) -> float:
    return float((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2)


def _off(corner: _Corner, start: _Corner, end: _Corner) -> float:
    """How far a corner lies off the line between two others."""
    wide, high = end[0] - start[0], end[1] - start[1]
    size = wide * wide + high * high
    along = ((corner[0] - start[0]) * wide + (corner[1] - start[1]) * high) / size if size else 0.0
    along = min(1.0, max(0.0, along))
    return float(
        ((corner[0] - start[0] - along * wide) ** 2 + (corner[1] - start[1] - along * high) ** 2) ** 0.5
    )


def _area(ring: _Line) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2


def _middle(ring: _Line) -> Point:
    """A point inside of the ring: the middle of its widest part half-way up, so never beside a bent shape."""
    norths = [north for _, north in ring]
    level = (min(norths) + max(norths)) / 2 + 0.5
    crossings = sorted(
        a[0] + (level - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for a, b in pairwise(ring)
        if (a[1] > level) != (b[1] > level)
    )
    shrink = cos(radians(level / _GRID))
    spans = [
        ((right - left) * shrink, (left + right) / 2)
        for left, right in zip(crossings[::2], crossings[1::2], strict=False)
    ]
    east = max(spans, default=(0.0, sum(corner[0] for corner in ring) / len(ring)))[1]
    return Point(level / _GRID, east / _GRID)
