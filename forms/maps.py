"""Maps as drawings: places in their outlines where these are known, else as tiles standing where places lie.

Why: a page asks no foreign host for a map, and most offices have no outlines of communes. Tiles are of one
size, so that a small town is as easy to hit as a wide commune; what a place's colour says, a sign says too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, cos, radians, sqrt
from statistics import quantiles
from typing import Final, TypeAlias

from forms.values import Point

LOOKS: Final = ("bad", "fair", "none", "plain", "good")
"""How a place may look, each with a sign and a colour of its own: the worst first."""

MOST: Final = 400
"""Places on a map: of more, no finger hits one."""

TILE: Final = 20.0
"""Units of a drawing from one tile to the next."""

_SIDE: Final = 18.0
_COLUMNS: Final = 12
"""Tiles side by side: so many are still wide enough for a finger on a narrow phone."""

_ROOM: Final = 1.25
"""Cells of the grid for each place: with none left over nobody could stand where he lies."""

_WIDTH: Final = 600.0
"""Units of a map of outlines from one side to the other."""

_PASSES: Final = 8
_FAR: Final = 2.5

Ring: TypeAlias = tuple[tuple[float, float], ...]
"""The corners of an outline, degrees east and north; the last is the first again."""

_KIND = re.compile(
    r"^(xã|phường|thị trấn|đặc khu|tỉnh|thành phố|thôn|bản|xóm|làng|buôn|ấp|khu|tổ dân phố)\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a map says of a place: its look (one of LOOKS), name, a few words, and where its link leads.

    `short` is written on its tile, initials of the name unless given.
    """

    look: str
    name: str
    told: str
    href: str
    short: str = ""

    @property
    def title(self) -> str:
        """The name with what is said of it."""
        return f"{self.name}: {self.told}" if self.told else self.name


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of a place: its rings, holes among them, and a point in its middle."""

    rings: tuple[Ring, ...]
    middle: Point


@dataclass(frozen=True, slots=True)
class Shape:
    """A place as it is drawn: its mark, the middle of its sign, its outline as an SVG path ("" a tile)."""

    code: str
    mark: Mark
    x: float
    y: float
    path: str = ""
    short: str = ""


@dataclass(frozen=True)
class Map:
    """A drawing of `width` by `height` units, its places in reading order.

    `kind`: outlines, tiles (by position) or rows (no positions are known: by name). `side`: of a tile;
    `radius`: of a sign; `away`: places there was no room for, because nobody knows where they lie.
    """

    kind: str
    width: float
    height: float
    side: float
    radius: float
    shapes: tuple[Shape, ...]
    away: tuple[tuple[str, Mark], ...] = ()
    looks: frozenset[str] = field(default_factory=frozenset)


def drawn(
    marks: Mapping[str, Mark], points: Mapping[str, Point], outlines: Mapping[str, Outline]
) -> Map | None:
    """A map of the marked places, in the order they are given in; None of fewer than two, or of too many.

    With outlines of at least half of the places it shows these, else tiles by `points`; with fewer points
    than half of the places, tiles in order.
    """
    if not 1 < len(marks) <= MOST:
        return None
    if 2 * sum(code in outlines for code in marks) >= len(marks):
        return _of_outlines(marks, points, outlines)
    return _of_tiles(marks, {code: points[code] for code in marks if code in points})


def initials(name: str) -> str:
    """A place's name in three signs at most, without the word for its kind: «Xã Lũng Cú» is LC."""
    bare = _KIND.sub("", name.strip())
    words = re.findall(r"[^\W_]+", bare)
    if len(words) < 2:  # noqa: PLR2004 - a single word
        return bare[:3]
    return "".join(word if word.isdigit() else word[0].upper() for word in words)[:3]


# Tiles ------------------------------------------------------------------------------------------------


def _of_tiles(marks: Mapping[str, Mark], points: Mapping[str, Point]) -> Map:
    placed = 2 * len(points) >= len(marks)
    cells = _by_position(marks, points) if placed else _in_rows(list(marks))
    columns = max(column for column, _row in cells.values()) + 1
    rows = max(row for _column, row in cells.values()) + 1
    shapes = [
        Shape(
            code,
            marks[code],
            (column + 0.5) * TILE,
            (row + 0.5) * TILE,
            short=marks[code].short or initials(marks[code].name),
        )
        for code, (column, row) in sorted(cells.items(), key=lambda one: (one[1][1], one[1][0]))
    ]
    looks = frozenset(mark.look for mark in marks.values())
    kind = "tiles" if placed else "rows"
    return Map(kind, columns * TILE, rows * TILE, _SIDE, TILE / 4.5, tuple(shapes), looks=looks)


def _by_position(marks: Mapping[str, Mark], points: Mapping[str, Point]) -> dict[str, tuple[int, int]]:
    asked = tuple((code, points[code].longitude, points[code].latitude) for code in sorted(points))
    cells = dict(zip((code for code, _x, _y in asked), _settled(asked), strict=True))
    lost = [code for code in marks if code not in points]
    below = max(row for _column, row in cells.values()) + 1
    columns = max(*(column + 1 for column, _row in cells.values()), 2)
    return cells | {code: (at % columns, below + at // columns) for at, code in enumerate(lost)}


def _in_rows(codes: Sequence[str]) -> dict[str, tuple[int, int]]:
    columns = min(_COLUMNS, max(2, ceil(sqrt(len(codes)))))
    return {code: (at % columns, at // columns) for at, code in enumerate(codes)}


@lru_cache(maxsize=128)
def _settled(places: tuple[tuple[str, float, float], ...]) -> tuple[tuple[int, int], ...]:
    """A cell of the grid for each place, none for two, near to where it lies among the others."""
    if len(places) == 1:
        return ((0, 0),)
    middle = radians(sum(north for _code, _east, north in places) / len(places))
    across = _spread([east * cos(middle) for _code, east, _north in places])
    down = _spread([-north for _code, _east, north in places])
    wide, high = max(across) - min(across), max(down) - min(down)
    shape = min(1.6, max(0.6, wide / high if high else 1.6))
    room = len(places) * _ROOM
    columns = min(_COLUMNS, max(2, round(sqrt(room * shape))))
    rows = max(2, ceil(room / columns))
    wanted = list(zip(_scaled(across, columns), _scaled(down, rows), strict=True))
    cells = _moved(_first_come(wanted, columns, rows), wanted, columns, rows)
    left, top = min(column for column, _row in cells), min(row for _column, row in cells)
    return tuple((column - left, row - top) for column, row in cells)


def _spread(values: Sequence[float]) -> list[float]:
    """Values drawn apart where many are near each other, the far ones (islands at sea) brought in."""
    low, _median, high = quantiles(values, n=4)
    edge = _FAR * (high - low)
    near = [min(max(value, low - edge), high + edge) for value in values]
    first, size = min(near), (max(near) - min(near)) or 1.0
    order = {place: rank for rank, place in enumerate(sorted(range(len(near)), key=near.__getitem__))}
    most = max(1, len(near) - 1)
    return [size * ((value - first) / size + order[place] / most) / 2 for place, value in enumerate(near)]


def _scaled(values: Sequence[float], cells: int) -> list[float]:
    first, size = min(values), (max(values) - min(values)) or 1.0
    return [(value - first) / size * (cells - 1) for value in values]


_Cell: TypeAlias = tuple[int, int]
_Wish: TypeAlias = tuple[float, float]


def _far(cell: _Cell, wish: _Wish) -> float:
    return (cell[0] - wish[0]) ** 2 + (cell[1] - wish[1]) ** 2


def _first_come(wanted: Sequence[_Wish], columns: int, rows: int) -> list[_Cell]:
    """Each in the free cell next to its wish, those in the middle first."""
    centre = ((columns - 1) / 2, (rows - 1) / 2)
    free = {(column, row) for column in range(columns) for row in range(rows)}
    found: dict[int, _Cell] = {}
    for place in sorted(range(len(wanted)), key=lambda one: (_far((0, 0), _less(wanted[one], centre)), one)):
        cell = min(free, key=lambda one: (_far(one, wanted[place]), one))
        free.discard(cell)
        found[place] = cell
    return [found[place] for place in range(len(wanted))]


def _less(wish: _Wish, centre: _Wish) -> _Wish:
    return wish[0] - centre[0], wish[1] - centre[1]


def _moved(cells: list[_Cell], wanted: Sequence[_Wish], columns: int, rows: int) -> list[_Cell]:
    """The same with places changed about as long as that brings them nearer to their wishes."""
    for _ in range(_PASSES):
        free = sorted({(c, r) for c in range(columns) for r in range(rows)} - set(cells))
        changed = False
        for place, wish in enumerate(wanted):
            here = _far(cells[place], wish)
            if not here:
                continue
            best = min(free, key=lambda one: (_far(one, wish), one), default=None)
            if best is not None and _far(best, wish) < here - 1e-9:
                free.remove(best)
                free.append(cells[place])
                cells[place], changed = best, True
                continue
            changed |= _swapped(cells, wanted, place)
        if not changed:
            break
    return cells


def _swapped(cells: list[_Cell], wanted: Sequence[_Wish], place: int) -> bool:
    mine, wish, done = cells[place], wanted[place], False
    for other, theirs in enumerate(cells):
        before = _far(mine, wish) + _far(theirs, wanted[other])
        if _far(theirs, wish) + _far(mine, wanted[other]) < before - 1e-9:
            cells[place], cells[other] = theirs, mine
            mine, done = theirs, True
    return done


# Outlines ---------------------------------------------------------------------------------------------


def _of_outlines(
    marks: Mapping[str, Mark], points: Mapping[str, Point], outlines: Mapping[str, Outline]
) -> Map:
    known = {code: outlines[code] for code in marks if code in outlines}
    middles = {code: one.middle for code, one in known.items()}
    middles |= {code: points[code] for code in marks if code in points and code not in known}
    paper = _Paper.of([one for code, one in known.items() if code not in _islands(middles)])
    shapes = []
    for code, middle in middles.items():
        x, y = paper.at(middle.longitude, middle.latitude)
        inside = code in known and 0 <= x <= paper.width and 0 <= y <= paper.height
        path = "".join(map(paper.path, known[code].rings)) if inside else ""
        x, y = min(max(x, TILE), paper.width - TILE), min(max(y, TILE), paper.height - TILE)
        shapes.append(Shape(code, marks[code], round(x, 1), round(y, 1), path))
    shapes.sort(key=lambda one: (one.y // (2 * TILE), one.x))
    away = tuple((code, mark) for code, mark in marks.items() if code not in middles)
    looks = frozenset(mark.look for mark in marks.values())
    return Map("outlines", paper.width, paper.height, 0, TILE / 3, tuple(shapes), away, looks)


def _islands(middles: Mapping[str, Point]) -> set[str]:
    """Places so far out that the others would be dots beside them."""
    if len(middles) < 4:  # noqa: PLR2004 - quarters of fewer say nothing
        return set()
    found: set[str] = set()
    for axis in ("longitude", "latitude"):
        values = {code: float(getattr(point, axis)) for code, point in middles.items()}
        low, _median, high = quantiles(values.values(), n=4)
        edge = 2 * _FAR * (high - low)
        found |= {code for code, value in values.items() if not low - edge <= value <= high + edge}
    return found


@dataclass(frozen=True, slots=True)
class _Paper:
    """How degrees become units: from a corner, so many units a degree east and south."""

    left: float
    top: float
    east: float
    south: float
    width: float
    height: float

    @classmethod
    def of(cls, outlines: Iterable[Outline]) -> _Paper:
        corners = [corner for one in outlines for ring in one.rings for corner in ring]
        wide = [east for east, _north in corners]
        high = [north for _east, north in corners]
        shrink = cos(radians((min(high) + max(high)) / 2))
        span_x, span_y = (max(wide) - min(wide)) * shrink, max(high) - min(high)
        scale = (_WIDTH - 2) / max(span_x, span_y / 1.4, 1e-6)
        width, height = round(span_x * scale + 2), round(span_y * scale + 2)
        return cls(min(wide), max(high), scale * shrink, scale, max(width, 4 * TILE), max(height, 4 * TILE))

    def at(self, east: float, north: float) -> tuple[float, float]:
        return (east - self.left) * self.east + 1, (self.top - north) * self.south + 1

    def path(self, ring: Ring) -> str:
        """A ring as a closed path of whole units, corners that fall on each other left out."""
        x, y = map(round, self.at(*ring[0]))
        said = [f"M{x} {y}"]
        for corner in ring[1:-1]:
            new_x, new_y = map(round, self.at(*corner))
            if (new_x, new_y) != (x, y):
                said.append(f"l{new_x - x} {new_y - y}")
                x, y = new_x, new_y
        return "".join(said) + "z"
