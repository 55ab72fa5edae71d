"""Rows of tables as OData's JSON has them.

A group is an object that is always there; a repeat is a link to its own table where it has rows, and the
rows themselves where `$expand` asks for them. Source: central-api.md §2b.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, TypeAlias
from urllib.parse import quote

from forms.odata.model import ROOT, Group, Leaf, Model, Repeat, Table
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


@dataclass
class Frame:
    """How cells become a row, or the object of a group in it. `before` is the path of names up to it."""

    start: int
    leaves: tuple[Leaf, ...]
    groups: tuple[tuple[str, Frame], ...]
    repeats: tuple[Repeat, ...]
    _template: Row = field(init=False)
    _names: tuple[str, ...] = field(init=False)
    _end: int = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what every row begins with."""
        self._names = tuple(leaf.name for leaf in self.leaves)
        self._end = self.start + len(self.leaves)
        self._template = dict.fromkeys((*self._names, *(name for name, _frame in self.groups)))

    @property
    def reads(self) -> list[Leaf]:
        """The questions whose cells are wanted, in that order."""
        return [*self.leaves, *chain.from_iterable(frame.reads for _name, frame in self.groups)]

    @property
    def all_repeats(self) -> list[Repeat]:
        """The repeats a row links to."""
        return [*self.repeats, *chain.from_iterable(frame.all_repeats for _name, frame in self.groups)]

    def fill(self, cells: Sequence[Any], inside: Inside, address: str) -> Row:
        """The row of these cells; `address` is where it lies, for its links."""
        row = self._template.copy()
        row.update(zip(self._names, cells[self.start : self._end], strict=True))
        for name, frame in self.groups:
            row[name] = frame.fill(cells, inside, f"{address}/{name}")
        for repeat in self.repeats:
            found = inside(repeat)
            if found:
                row[f"{repeat.name}@odata.navigationLink"] = f"{address}/{repeat.name}"
                if isinstance(found, list):
                    row[repeat.name] = found
        return row


def frame_of(table: Table, selection: Selection) -> Frame:
    """How the rows of a table are made, of what is selected."""
    return _frame(table.items, selection, "", 0)


def _frame(items: Sequence[Leaf | Group | Repeat], selection: Selection, before: str, start: int) -> Frame:
    chosen = [item for item in items if selection.has(f"{before}{item.name}")]
    leaves = tuple(item for item in chosen if isinstance(item, Leaf))
    at = start + len(leaves)
    groups = []
    for item in chosen:
        if isinstance(item, Group):
            frame = _frame(item.items, selection, f"{before}{item.name}/", at)
            at += len(frame.reads)
            groups.append((item.name, frame))
    return Frame(start, leaves, tuple(groups), tuple(one for one in chosen if isinstance(one, Repeat)))


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
