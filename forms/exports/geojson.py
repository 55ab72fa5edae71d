"""⑨ Places on a map as GeoJSON: points, lines and shapes that phones wrote as text.

Why text: `latitude longitude altitude accuracy`, points divided by `;`, is what every answer and every
property holds; GeoJSON turns the first two round and leaves the accuracy out. What is no place is left out,
so that one bad answer does not cost the map. Source: RFC 7946; central-api.md §2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import orjson
from lxml import etree

from forms.schema import Node, Schema
from forms.values import Point, read_line

Geometry: TypeAlias = dict[str, Any]
"""`{"type", "coordinates"}`."""

TYPES = ("geopoint", "geotrace", "geoshape")
"""Questions whose answers lie on a map."""

_MANY = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}
_TEMPLATE = "{http://openrosa.org/javarosa}template"
_ONE, _LINE, _RING = 1, 2, 4


def geometry(text: str, type_: str) -> Geometry | None:
    """The geometry an answer of that type says; None where it is none."""
    points = _points(text)
    if type_ == "geopoint" and len(points) == _ONE:
        return {"type": "Point", "coordinates": _position(points[0])}
    if type_ == "geotrace" and len(points) >= _LINE:
        return {"type": "LineString", "coordinates": [_position(point) for point in points]}
    if type_ == "geoshape" and _is_closed(points):
        return {"type": "Polygon", "coordinates": [[_position(point) for point in points]]}
    return None


def any_geometry(text: str) -> Geometry | None:
    """The geometry of a text that does not say what it is: one point, a closed line, or a line."""
    points = _points(text)
    type_ = "geoshape" if _is_closed(points) else "geotrace"
    return geometry(text, "geopoint" if len(points) == _ONE else type_)


def geometries(texts: Iterable[str], type_: str) -> Geometry | None:
    """All that a question in a repeat says, as one; None where nothing of it lies on a map."""
    found = [one for one in (geometry(text, type_) for text in texts) if one is not None]
    if not found:
        return None
    return {"type": _MANY[found[0]["type"]], "coordinates": [one["coordinates"] for one in found]}


def together(several: Sequence[Geometry]) -> Geometry | None:
    """One geometry for several; None for none."""
    if len(several) > 1:
        return {"type": "GeometryCollection", "geometries": list(several)}
    return several[0] if several else None


def _points(text: str) -> list[Point]:
    try:
        return list(read_line(text))
    except ValueError:
        return []


def _is_closed(points: Sequence[Point]) -> bool:
    return len(points) >= _RING and points[0][:2] == points[-1][:2]


def _position(point: Point) -> list[float]:
    place = [point.longitude, point.latitude]
    return place if point.altitude is None else [*place, point.altitude]


def default_question(schema: Schema) -> Node | None:
    """The question that puts a record on the map when nobody says which: the first outside of repeats."""
    return next((node for node in schema.questions if node.type in TYPES and not node.table), None)


def texts_at(root: etree._Element, path: str) -> list[str]:
    """What a record says at a path, in all instances of the repeats around it; blanks left out."""
    found = [root]
    for step in path.split("/")[1:]:
        found = [
            child
            for one in found
            for child in one.iterchildren(f"{{*}}{step}")
            if child.get(_TEMPLATE) is None
        ]
    return [text for text in ((one.text or "").strip() for one in found) if text]


def feature(name: str, shape: Geometry, properties: Mapping[str, Any] | None = None) -> bytes:
    """A feature as JSON; `name` is its id."""
    return orjson.dumps({
        "type": "Feature",
        "id": name,
        "geometry": shape,
        "properties": None if properties is None else dict(properties),
    })


def collection(pages: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
    """A collection of features as JSON, a piece for each page of them."""
    before = b'{"type":"FeatureCollection","features":['
    for page in pages:
        if page:
            yield before + b",".join(page)
            before = b","
    yield b"]}" if before == b"," else before + b"]}"
