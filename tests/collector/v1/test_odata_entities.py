"""The entities of a list as an OData table."""

from __future__ import annotations

from typing import Any

import pytest

from collector.v1.odata_asking import token
from storage.models import EntityList
from storage.queries.odata_entities import entities_filter
from tests.collector.v1.program import Program
from tests.kept import looking
from tests.office import NOW, Office

AT = "projects/1/datasets/dân.svc"
PEOPLE = [
    ("Lò Thị Mỷ", {"tuổi": "31", "first-name": "Mỷ"}),
    ("Giàng A Súa", {"tuổi": "9", "first-name": "Súa"}),
    ("Cư M'gar ĐẮK", {"tuổi": "", "first-name": "x_y%"}),
]


def uuid(number: int) -> str:
    return f"12345678-1234-4123-8234-{number:012}"


@pytest.fixture(scope="module")
def program(kept_program: Program) -> Program:
    """Somebody at a list of three people and one who was deleted."""
    kept_program.post("projects/1/datasets", json={"name": "dân"})
    for name in ("tuoi", "first-name"):
        kept_program.post("projects/1/datasets/dân/properties", json={"name": name})
    for number, (label, data) in enumerate([*PEOPLE, ("Gone", {})], start=1):
        said = {name.replace("tuổi", "tuoi"): value for name, value in data.items()}
        body = {"uuid": uuid(number), "label": label, "data": said}
        kept_program.post("projects/1/datasets/dân/entities", json=body)
    assert kept_program.ask("DELETE", f"projects/1/datasets/dân/entities/{uuid(4)}").status_code == 200
    return kept_program


def get(program: Program, path: str = "/Entities", **options: str) -> Any:
    return program.get(AT + path, query_string={f"${name}": value for name, value in options.items()})


def found(program: Program, **options: str) -> str:
    return "".join(row["__id"][-1] for row in get(program, **options)["value"])


def test_case_19_a_list_is_a_service_with_one_table(program: Program) -> None:
    document = get(program, "")
    assert document["value"] == [{"name": "Entities", "kind": "EntitySet", "url": "Entities"}]
    assert document["@odata.context"].endswith(".svc/$metadata")
    schema = program.ask("GET", f"{AT}/$metadata")
    assert (schema.status_code, schema.headers["OData-Version"]) == (200, "4.0")
    assert 'Name="first_name"' in schema.text
    assert program.refused("GET", "projects/1/datasets/nope.svc") == (404, 404.1)
    assert program.ask("GET", "projects/1/datasets/nope.svc/$metadata").content_type.startswith("text/xml")


def test_an_entity_is_a_row_as_programs_merge_it(program: Program) -> None:
    row = get(program, filter=f"__id eq '{uuid(3)}'")["value"][0]
    noted = row.pop("__system")
    assert row == {"__id": uuid(3), "label": "Cư M'gar ĐẮK", "tuoi": "", "first_name": "x_y%"}
    made = noted.pop("createdAt")
    assert made.endswith("Z")
    assert noted == {
        "creatorId": "1",
        "creatorName": noted["creatorName"],
        "updates": 0,
        "updatedAt": None,
        "deletedAt": None,
        "version": 1,
        "conflict": None,
    }


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("my", "1"),
        ("MỶ lo", "1"),
        ("giang sua", "2"),
        ("dak", "3"),
        ("y%", "31"),
        (uuid(2)[-4:], "2"),
        ("nobody", ""),
        ("  ", "321"),
    ],
)
def test_a_search_knows_no_accents(program: Program, search: str, ids: str) -> None:
    assert found(program, search=search) == ids
    assert get(program, search=search, count="true", top="0")["@odata.count"] == len(ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("tuoi eq '31'", "1"),
        ("tuoi eq null", "3"),
        ("tuoi ne null and first_name ne 'Súa'", "1"),
        ("contains(first-name, '_y%')", "3"),
        ("startswith(label, 'G')", "2"),
        ("__system/version eq 1 and __system/creatorId eq 1", "321"),
        ("__system/creatorId eq '1' and __system/updates gt 0", ""),
        ("__system/conflict eq null and __system/updatedAt eq null", "321"),
        ("__system/deletedAt ne null", "4"),
        ("__system/createdAt lt now() and __system/creatorName ne 'x'", "321"),
    ],
)
def test_case_23_any_property_can_be_filtered(
    program: Program, kept_office: Office, text: str, ids: str
) -> None:
    assert found(program, filter=text) == ids
    with looking(kept_office) as session:
        of = session.query(EntityList).filter_by(name="dân").one()
        meant = entities_filter(session, of, text, now=NOW)
        assert meant.asks_deleted == ("deletedAt" in text)


def test_case_24_any_property_can_be_sorted_by(program: Program) -> None:
    assert found(program, orderby="tuoi") == "312"
    assert found(program, orderby="tuoi desc") == "213"
    assert found(program, orderby="__system/version,label desc") == "123"
    first = get(program, orderby="tuoi", top="2")
    rest = program.get(first["@odata.nextLink"].removeprefix("http://localhost"))
    assert [row["__id"] for row in first["value"] + rest["value"]] == [uuid(3), uuid(1), uuid(2)]


def test_case_22_links_lead_through_the_list(program: Program) -> None:
    first = get(program, top="1", skip="1", count="true")
    assert ([row["__id"] for row in first["value"]], first["@odata.count"]) == ([uuid(2)], 3)
    rest = program.get(first["@odata.nextLink"].removeprefix("http://localhost"))
    assert [row["__id"] for row in rest["value"]] == [uuid(1)]
    assert "@odata.nextLink" not in rest
    # The one after which to go on may be deleted, or never have been.
    assert found(program, skiptoken=token("uuid", uuid(4)), skip="2") == "321"
    assert found(program, skiptoken=token("uuid", uuid(9))) == ""


def test_case_25_only_what_is_selected_comes(program: Program) -> None:
    [row] = get(program, top="1", select="__id,first_name,__system/version")["value"]
    assert row == {"__id": uuid(3), "first_name": "x_y%", "__system": {"version": 1}}
    for options, code in (
        ({"select": "nothing"}, 400.23),
        ({"filter": "nothing eq 1"}, 501.5),
        ({"filter": "tuoi"}, 400.18),
        ({"apply": "x"}, 501.1),
        ({"skiptoken": "01e30="}, 400.35),
    ):
        asked = {f"${name}": value for name, value in options.items()}
        assert program.refused("GET", f"{AT}/Entities", query_string=asked) == (int(code), code)


def test_the_file_and_the_map_of_a_list_take_the_same_filters(program: Program) -> None:
    table = program.ask("GET", "projects/1/datasets/dân/entities.csv?$search=giang")
    assert table.status_code == 200
    assert uuid(2) in table.text
    assert uuid(1) not in table.text
