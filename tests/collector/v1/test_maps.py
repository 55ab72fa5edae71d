"""Records and entities on a map."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.asked import answered
from tests.collector.v1.program import Program
from tests.office import Office

SHEET = """
| survey |
| | type | name | label |
| | begin_group | single | Một |
NEW
| | geopoint | point | Điểm |
| | geotrace | line | Đường |
| | geoshape | shape | Vùng |
| | end_group | | |
| | begin_repeat | plot | Thửa |
| | geopoint | corner | Góc |
| | begin_repeat | tree | Cây |
| | geopoint | stem | Gốc |
| | end_repeat | | |
| | end_repeat | | |
| settings |
| | form_id | version |
| | FORM | VERSION |
"""
LINE, RING = "51 1 1 0; 52 2 2 0", "53 3; 54 4; 55 5; 53 3"
SHAPES = {
    "/single/point": {"type": "Point", "coordinates": [0.0, 50.0, 0.0]},
    "/single/line": {"type": "LineString", "coordinates": [[1.0, 51.0, 1.0], [2.0, 52.0, 2.0]]},
    "/single/shape": {
        "type": "Polygon",
        "coordinates": [[[3.0, 53.0], [4.0, 54.0], [5.0, 55.0], [3.0, 53.0]]],
    },
    "/plot/corner": {"type": "MultiPoint", "coordinates": [[0.0, 60.0], [0.0, 70.0]]},
    "/plot/tree/stem": {"type": "MultiPoint", "coordinates": [[1.0, 11.0], [2.0, 22.0]]},
}


@pytest.fixture(scope="module")
def program(kept_program: Program) -> Program:
    """The administrator of a server that all tests here share."""
    return kept_program


@pytest.fixture
def form_id(kept_office: Office) -> str:
    """A form of its own for each test."""
    made = f"g{uuid.uuid4().hex[:8]}"
    kept_office.publish(sheet(made, "1"))
    return made


def sheet(form_id: str, version: str, new: str = "") -> str:
    return SHEET.replace("NEW\n", new).replace("FORM", form_id).replace("VERSION", version)


def send(program: Program, form_id: str, number: str, point: str = "50 0 0 0", **more: str) -> None:
    """A record with one of each."""
    single = f"{more.get('before', '')}<point>{point}</point><line>{LINE}</line><shape>{RING}</shape>"
    plots = "".join(
        f"<plot><corner>{corner}</corner><tree><stem>{stem}</stem></tree></plot>"
        for corner, stem in (("60 0", "11 1"), ("70 0", "22 2"), ("nowhere", ""))
    )
    xml = answered(
        form_id,
        more.get("version", "1"),
        f"<single>{single}</single>{plots}",
        instance_id=number,
        replaces=more.get("replaces"),
    )
    method, path = ("PUT", f"/{more['root']}") if "root" in more else ("POST", "")
    answer = program.ask(method, f"{records(form_id)}{path}", data=xml, content_type="application/xml")
    assert answer.status_code == 200, answer.text


def records(form_id: str) -> str:
    return f"projects/1/forms/{form_id}/submissions"


def shown(program: Program, path: str) -> dict[str, Any]:
    """The features of a collection by id, without what is the same for all."""
    read = program.get(path)
    assert read["type"] == "FeatureCollection"
    assert all(one["type"] == "Feature" for one in read["features"])
    return {one["id"]: (one["geometry"], one["properties"]) for one in read["features"]}


def test_a_record_lies_where_its_first_place_says(program: Program, form_id: str) -> None:
    send(program, form_id, "uuid:1")
    send(program, form_id, "uuid:2", "100 200")
    only = (SHAPES["/single/point"], {"fieldpath": "/single/point"})
    assert shown(program, f"{records(form_id)}.geojson") == {"uuid:1": only}
    assert shown(program, f"{records(form_id)}/uuid:1.geojson") == {"uuid:1": only}
    assert shown(program, f"{records(form_id)}/uuid:2.geojson") == {}
    assert program.refused("GET", f"{records(form_id)}/uuid:3.geojson") == (404, 404.1)
    assert program.refused("GET", "projects/1/forms/none/submissions.geojson") == (404, 404.1)


def test_each_question_can_be_asked_for(program: Program, form_id: str) -> None:
    send(program, form_id, "uuid:1")
    for path, shape in SHAPES.items():
        found = {"uuid:1": (shape, None)}
        assert shown(program, f"{records(form_id)}.geojson?fieldpath={path}") == found, path
        assert shown(program, f"{records(form_id)}/uuid:1.geojson?fieldpath={path}") == found, path
    for path in ("/single", "/none", "/meta/instanceID"):
        assert shown(program, f"{records(form_id)}.geojson?fieldpath={path}") == {}
        assert shown(program, f"{records(form_id)}/uuid:1.geojson?fieldpath={path}") == {}
    both = "fieldpath=/single/point&fieldpath=/single/line"
    assert program.refused("GET", f"{records(form_id)}.geojson?{both}") == (400, 400.41)
    [(shape, _none)] = shown(program, f"{records(form_id)}/uuid:1.geojson?{both}").values()
    assert (shape["type"], len(shape["geometries"])) == ("GeometryCollection", 2)


def test_some_records_are_chosen_and_what_is_deleted_is_off_the_map(
    program: Program, form_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.queries.geometries._PAGE", 2)
    for number in range(5):
        send(program, form_id, f"uuid:{number}", f"5{number} 0")
    path = f"{records(form_id)}.geojson"
    for asked in ("", "fieldpath=/plot/corner"):
        assert list(shown(program, f"{path}?{asked}")) == [f"uuid:{number}" for number in (4, 3, 2, 1, 0)]
        assert list(shown(program, f"{path}?{asked}&limit=3")) == ["uuid:4", "uuid:3", "uuid:2"]
    assert list(shown(program, f"{path}?$filter=__id eq 'uuid:2'")) == ["uuid:2"]
    response = program.ask("GET", path)
    known = {"If-None-Match": response.headers["ETag"]}
    assert program.ask("GET", path, headers=known).status_code == 304
    program.ask("DELETE", f"{records(form_id)}/uuid:3")
    assert program.ask("GET", path, headers=known).status_code == 200
    assert "uuid:3" not in shown(program, path)
    assert list(shown(program, f"{path}?$filter=__system/deletedAt ne null")) == ["uuid:3"]


def test_a_corrected_record_lies_where_it_says_now_and_its_versions_where_they_said(
    program: Program, form_id: str
) -> None:
    send(program, form_id, "uuid:1")
    send(program, form_id, "uuid:1.1", "10 0", replaces="uuid:1", root="uuid:1")
    [(shape, _told)] = shown(program, f"{records(form_id)}.geojson").values()
    assert shape["coordinates"] == [0.0, 10.0]
    [number] = shown(program, f"{records(form_id)}/uuid:1.geojson")
    assert number == "uuid:1.1"
    for version, place in (("uuid:1", [0.0, 50.0, 0.0]), ("uuid:1.1", [0.0, 10.0])):
        path = f"{records(form_id)}/uuid:1/versions/{version}.geojson"
        [(number, (shape, _told))] = shown(program, path).items()
        assert (number, shape["coordinates"]) == (version, place)


def test_each_version_of_a_form_has_its_own_first_place(
    kept_office: Office, program: Program, form_id: str
) -> None:
    send(program, form_id, "uuid:1")
    kept_office.publish(sheet(form_id, "2", "| | geopoint | earlier | Trước |\n"))
    send(program, form_id, "uuid:2", version="2", before="<earlier>20 0</earlier>")
    assert shown(program, f"{records(form_id)}.geojson") == {
        "uuid:2": ({"type": "Point", "coordinates": [0.0, 20.0]}, {"fieldpath": "/single/earlier"}),
        "uuid:1": (SHAPES["/single/point"], {"fieldpath": "/single/point"}),
    }


def test_an_entity_lies_where_its_geometry_says(program: Program) -> None:
    name, ids = f"l{uuid.uuid4().hex[:8]}", [str(uuid.uuid4()) for _number in range(5)]
    path = f"projects/1/datasets/{name}/entities"
    program.post("projects/1/datasets", json={"name": name})
    assert shown(program, f"{path}.geojson") == {}
    program.post(f"projects/1/datasets/{name}/properties", json={"name": "geometry"})
    places = ("1 2 3 0", LINE, RING, "1 2 not-an-altitude", "")
    entities = [
        {"uuid": number, "label": "x", "data": {"geometry": place}}
        for number, place in zip(ids, places, strict=True)
    ]
    program.post(path, json={"entities": entities, "source": {"name": "a"}})
    found = shown(program, f"{path}.geojson")
    assert {number: shape["type"] for number, (shape, _told) in found.items()} == {
        ids[0]: "Point",
        ids[1]: "LineString",
        ids[2]: "Polygon",
    }
    assert found[ids[0]] == ({"type": "Point", "coordinates": [2.0, 1.0, 3.0]}, None)
    assert list(shown(program, f"{path}.geojson?limit=2")) == [ids[2], ids[1]]
    assert shown(program, f"{path}/{ids[0]}/geojson") == {ids[0]: found[ids[0]]}
    assert shown(program, f"{path}/{ids[4]}/geojson") == {}
    assert program.refused("GET", f"{path}/{uuid.uuid4()}/geojson") == (404, 404.1)
    program.ask("DELETE", f"{path}/{ids[0]}")
    assert set(shown(program, f"{path}.geojson")) == {ids[1], ids[2]}
