"""⑨ A dataset on the map: every row with a point as a feature of one GeoJSON file.

A table's first point is its geometry; a row without one is left out. Properties are named as the variables
are, `table` says which table a row is of; `words` decides whether codes, words or both stand in them
(`<name>__label`). Source: RFC 7946.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from forms.datasets.description import KEY, Table
from forms.datasets.formats.columns import Column, Lists, as_sent, composed, pieces, said
from forms.datasets.material import Material, Progress
from forms.exports.geojson import collection, feature
from forms.values import HOME

_PARTS: Final = ("latitude", "longitude", "altitude")


class _Point(NamedTuple):
    latitude: str
    longitude: str
    altitude: str | None


def write_geojson(material: Material, path: Path, progress: Progress) -> None:
    """Write the file; a survey that asks for no point gives a collection without features."""
    with path.open("wb") as file:
        for piece in collection(_pages(material, progress)):
            file.write(piece)


def _pages(material: Material, progress: Progress) -> Iterator[list[bytes]]:
    spool = material.spool
    mapped = [(table, point) for table in spool.dataset.tables if (point := point_of(table))]
    total = sum(spool.count(table) for table, _ in mapped)
    done = 0
    for table, point in mapped:
        kept = _properties(table, point, material)
        for batch in pieces(spool, table):
            yield list(_features(batch, table, point, kept))
            done += len(batch)
            progress(done, total)


def point_of(table: Table) -> _Point | None:
    """The variables of a table's first point, None for a table without one."""
    points: dict[str, dict[str, str]] = {}
    for one in table.variables:
        if one.part_of and one.kind == "decimal" and one.role in _PARTS:
            points.setdefault(one.part_of, {})[one.role] = one.name
    for parts in points.values():
        if "latitude" in parts and "longitude" in parts:
            return _Point(parts["latitude"], parts["longitude"], parts.get("altitude"))
    return None


def _properties(table: Table, point: _Point, material: Material) -> list[Column]:
    """What is said of a row beside where it lies."""
    words, lists = material.style.words, Lists(material.origin.language)
    kept: list[Column] = []
    for one in table.variables:
        if one.name in point:
            continue
        if words != "labels" or not one.values:
            kept.append(Column(one.name, one))
        if words != "codes" and one.values:
            kept.append(Column(one.name if words == "labels" else f"{one.name}__label", one, lists.of(one)))
    return kept


def _features(batch: pa.RecordBatch, table: Table, point: _Point, kept: list[Column]) -> Iterator[bytes]:
    sent = as_sent(batch)
    told = [(one, _plain(said(batch.column(one.variable.name), one, composed), one, sent)) for one in kept]
    positions = zip(
        *(batch.column(name).to_pylist() if name else [None] * len(batch) for name in point), strict=True
    )
    keys = batch.column(KEY).to_pylist()
    for row, (latitude, longitude, altitude) in enumerate(positions):
        if latitude is None or longitude is None:
            continue
        place = [longitude, latitude] if altitude is None else [longitude, latitude, altitude]
        properties = {"table": table.name, **{one.head: cells[row] for one, cells in told}}
        yield feature(keys[row], {"type": "Point", "coordinates": place}, properties)


def _plain(array: pa.Array, column: Column, sent: Mapping[str, Mapping[int, str]]) -> list[Any]:
    """Cells as JSON has them: moments in the time of Viet Nam, days as ISO 8601."""
    cells: list[Any] = array.to_pylist()
    if column.kind == "moment":
        cells = [one and one.astimezone(HOME) for one in cells]
    for row, text in sent.get(column.variable.name, {}).items():
        cells[row] = text
    return cells
