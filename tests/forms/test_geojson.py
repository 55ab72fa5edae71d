"""Places on a map, as GeoJSON says them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from lxml import etree

from forms.exports.geojson import (
    any_geometry,
    collection,
    default_question,
    feature,
    geometries,
    geometry,
    texts_at,
    together,
)
from forms.schema import Node, Schema

POINT = {"type": "Point", "coordinates": [0.0, 50.0, 1.5]}
LINE = "51 1 1 0; 52 2 2 0"
RING = "1 2; 3 4; 5 6; 1 2"


@pytest.mark.parametrize(
    ("text", "type_", "shape"),
    [
        ("50 0 1.5 3", "geopoint", POINT),
        (" 50\t0  1.5 ", "geopoint", POINT),
        ("-90 -180", "geopoint", {"type": "Point", "coordinates": [-180.0, -90.0]}),
        ("50 0; 51 0", "geopoint", None),
        ("90.01 180", "geopoint", None),
        ("90 180.01", "geopoint", None),
        ("50 0 x", "geopoint", None),
        ("", "geopoint", None),
        (LINE, "geotrace", {"type": "LineString", "coordinates": [[1.0, 51.0, 1.0], [2.0, 52.0, 2.0]]}),
        # Collect ends some lines so.
        (f"{LINE};", "geotrace", {"type": "LineString", "coordinates": [[1.0, 51.0, 1.0], [2.0, 52.0, 2.0]]}),
        ("51 1", "geotrace", None),
        ("51 1; nope", "geotrace", None),
        (
            RING,
            "geoshape",
            {"type": "Polygon", "coordinates": [[[2.0, 1.0], [4.0, 3.0], [6.0, 5.0], [2.0, 1.0]]]},
        ),
        ("1 2; 3 4; 1 2", "geoshape", None),
        ("1 2; 3 4; 5 6; 7 8", "geoshape", None),
        ("50 0", "string", None),
    ],
)
def test_an_answer_is_the_geometry_its_question_asks_for(text: str, type_: str, shape: Any) -> None:
    assert geometry(text, type_) == shape


@pytest.mark.parametrize(
    ("text", "kind"),
    [("1 2", "Point"), ("1 2; 3 4; 5 6", "LineString"), (RING, "Polygon"), ("100 200", None), ("x", None)],
)
def test_a_text_shows_itself_what_it_is(text: str, kind: str | None) -> None:
    found = any_geometry(text)
    assert (found["type"] if found else None) == kind


def test_what_a_repeat_says_is_one_geometry_without_what_is_none() -> None:
    assert geometries(["60 0", "x", "70 0"], "geopoint") == {
        "type": "MultiPoint",
        "coordinates": [[0.0, 60.0], [0.0, 70.0]],
    }
    assert geometries(["x"], "geopoint") is None
    assert (geometries([LINE], "geotrace") or {})["type"] == "MultiLineString"
    assert (geometries([RING], "geoshape") or {})["type"] == "MultiPolygon"


def test_several_geometries_are_put_together_only_where_there_are_several() -> None:
    assert together([]) is None
    assert together([POINT]) == POINT
    assert together([POINT, POINT]) == {"type": "GeometryCollection", "geometries": [POINT, POINT]}


def test_the_first_question_outside_of_repeats_is_shown_unless_asked() -> None:
    nodes = (
        Node("/r", "repeat", 0),
        Node("/r/g", "geopoint", 1, table="/r"),
        Node("/a", "string", 2),
        Node("/t", "geotrace", 3),
        Node("/p", "geopoint", 4),
    )
    found = default_question(Schema("f", "1", "F", "", nodes))
    assert found is not None
    assert found.path == "/t"
    assert default_question(Schema("f", "1", "F", "", nodes[:3])) is None


def test_answers_are_found_in_every_instance_of_a_repeat() -> None:
    root = etree.fromstring(
        '<data xmlns:jr="http://openrosa.org/javarosa"><r jr:template=""><g>9 9</g></r>'
        "<r><g>1 1</g></r><r><g/></r><r><g> 2 2 </g></r></data>"
    )
    assert texts_at(root, "/r/g") == ["1 1", "2 2"]


def test_a_collection_is_whole_whatever_comes_in_it() -> None:
    one = feature("uuid:1", POINT)
    assert orjson.loads(one) == {"type": "Feature", "id": "uuid:1", "geometry": POINT, "properties": None}
    for pages, count in (([], 0), ([[]], 0), ([[one], [], [one, one]], 3)):
        read = orjson.loads(b"".join(collection(pages)))
        assert (read["type"], len(read["features"])) == ("FeatureCollection", count)
