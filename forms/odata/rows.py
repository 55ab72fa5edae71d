"""Rows of tables as OData's JSON has them.

A group is an object that is always there; a repeat is a link to its own table where it has rows, and the
rows themselves where `$expand` asks for them. Source: central-api.md §2b.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote

from forms.odata.model import ROOT, Group, Item, Leaf, Model, Repeat, Table
from forms.odata.selecting import Selection
from forms.values import Point, iso_instant, read_instant, read_line

Row: TypeAlias = dict[str, Any]
Inside: TypeAlias = Callable[[Repeat], list[Row] | bool]
"""For a repeat of a row: its rows, or whether there are any."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_LEFT_AS_IT_IS = "!'()*~"


def quoted(key: str) -> str:
    """A key as it stands in an address: `('…')` with all that could end it encoded."""
    return f"('{quote(key.replace(chr(39), chr(39) * 2), safe=_LEFT_AS_IT_IS)}')"


def address_of(model: Model, table: Table, key: str) -> str:
    """The address of a row, from the service on: `Submissions('id')/group/repeat('key')`."""
    if table.parent is None:
        return f"{ROOT}{quoted(key)}"
    around = model.tables[table.parent]
    # A key is that of the row around it, then what the form calls the repeat, and its number.
    ending = f"{table.path[len(around.path) :]}["
    own = "/".join(table.steps[len(around.steps) :])
    return f"{address_of(model, around, key[: key.rindex(ending)])}/{own}{quoted(key)}"


@dataclass(frozen=True, slots=True)
class _Object:
    """The row itself, or a group in it: the names of its questions and where their cells stand.

    `around` is the place of the object it lies in, among all of them.
    """

    around: int
    name: str
    names: tuple[str, ...]
    cells: slice


@dataclass(frozen=True)
class Frame:
    """How the cells of a row become the row: `reads` are the questions whose cells are wanted, in order.

    A question stands before the groups beside it, `objects` with the groups around before those inside;
    of `repeats`: the place of the object it lies in, its names from the row on.
    """

    reads: tuple[Leaf, ...]
    objects: tuple[_Object, ...]
    repeats: tuple[tuple[int, str, Repeat], ...]

    @property
    def all_repeats(self) -> list[Repeat]:
        """The repeats a row links to."""
        return [repeat for _place, _path, repeat in self.repeats]

    def fill(self, row: Row, cells: Sequence[Any]) -> list[Row]:
        """Put the cells into a row; returns it with the groups in it, in the order of `objects`."""
        made = [row]
        for number, one in enumerate(self.objects):
            if number:
                inner = dict(zip(one.names, cells[one.cells], strict=False))
                made[one.around][one.name] = inner
                made.append(inner)
            else:
                row.update(zip(one.names, cells[one.cells], strict=False))
        return made

    def link(self, made: Sequence[Row], inside: Inside, address: str) -> None:
        """Put the repeats of a row that was filled into it; `address` is where it lies."""
        for place, path, repeat in self.repeats:
            found = inside(repeat)
            if found:
                made[place][f"{repeat.name}@odata.navigationLink"] = f"{address}/{path}"
                if isinstance(found, list):
                    made[place][repeat.name] = found


def frame_of(table: Table, selection: Selection, offset: int = 0) -> Frame:
    """How the rows of a table are made, of what is selected; `offset` cells stand before the first."""
    gathered = _Gathered(selection, offset)
    gathered.add(table.items, "", -1, "")
    return Frame(tuple(gathered.reads), tuple(gathered.objects), tuple(gathered.repeats))


class _Gathered:
    def __init__(self, selection: Selection, offset: int) -> None:
        self._selection = selection
        self._offset = offset
        self.reads: list[Leaf] = []
        self.objects: list[_Object] = []
        self.repeats: list[tuple[int, str, Repeat]] = []

    def add(self, items: Sequence[Item], before: str, around: int, name: str) -> None:
        chosen = [item for item in items if self._selection.has(f"{before}{item.name}")]
        leaves = [item for item in chosen if isinstance(item, Leaf)]
        start = self._offset + len(self.reads)
        place = len(self.objects)
        names = tuple(leaf.name for leaf in leaves)
        self.objects.append(_Object(around, name, names, slice(start, start + len(leaves))))
        self.reads += leaves
        for item in chosen:
            if isinstance(item, Group):
                self.add(item.items, f"{before}{item.name}/", place, item.name)
            elif isinstance(item, Repeat):
                self.repeats.append((place, f"{before}{item.name}", item))


def converters(leaves: Sequence[Leaf], *, wkt: bool) -> list[tuple[int, Callable[[str], Any]]]:
    """What is done with the text in those cells that JSON writes in another way, by their place."""
    shapes: Mapping[str, Callable[[str], Any]] = {
        "boolean": _truth,
        "dateTime": _moment,
        **{type_: partial(shape, type_=type_, wkt=wkt) for type_ in ("geopoint", "geotrace", "geoshape")},
    }
    return [(place, shapes[leaf.node.type]) for place, leaf in enumerate(leaves) if leaf.node.type in shapes]


def _truth(text: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip())


def _moment(text: str) -> str | None:
    """A moment with its offset, as sent where that says it all; None for what is none."""
    if _MOMENT.fullmatch(text):
        return text
    try:
        return iso_instant(read_instant(text))
    except ValueError:
        return None


def shape(text: str, type_: str, *, wkt: bool = False) -> Row | str | None:
    """A place, line or area as GeoJSON with its accuracy, or as well-known text; None for what is none."""
    try:
        points = read_line(text)
    except ValueError:
        return None
    if not points or (type_ == "geopoint" and len(points) > 1):
        return None
    if wkt:
        written = ",".join(" ".join(map(_digits, _position(point))) for point in points)
        return {"geopoint": f"POINT ({written})", "geotrace": f"LINESTRING ({written})"}.get(
            type_, f"POLYGON (({written}))"
        )
    return _geojson(points, type_)


def _geojson(points: Sequence[Point], type_: str) -> Row:
    places = [_position(point) for point in points]
    accuracies = [point.accuracy for point in points]
    if type_ == "geopoint":
        found: Row = {"type": "Point", "coordinates": places[0]}
        if accuracies[0] is not None:
            found["properties"] = {"accuracy": accuracies[0]}
        return found
    line = type_ == "geotrace"
    found = {"type": "LineString" if line else "Polygon", "coordinates": places if line else [places]}
    if any(accuracies):
        found["properties"] = {"accuracies": [one or None for one in accuracies]}
    return found


def _position(point: Point) -> list[float]:
    place = [point.longitude, point.latitude]
    return place if point.altitude is None else [*place, point.altitude]


def _digits(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
