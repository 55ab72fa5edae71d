"""Programs make and change entity lists, and read them as files."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

import pytest

from tests.collector.openrosa.sheets import with_files
from tests.collector.v1.program import EXTENDED, Program
from tests.office import Office

DATASETS = "projects/1/datasets"
ONE = "12345678-1234-4123-8234-123456789abc"
SHEET = """
| survey |
| | type | name | label | save_to |
| | text | full_name | Tên | |
| | integer | age | Tuổi | age |
| settings |
| | form_id | version |
| | FORM | 1 |
| entities |
| | list_name | label |
| | LIST | ${full_name} |
"""


@pytest.fixture(scope="module")
def program(kept_program: Program) -> Program:
    """The administrator of a server that all tests here share."""
    return kept_program


@pytest.fixture
def name(program: Program) -> str:
    """A fresh list with one property."""
    made = f"l{uuid.uuid4().hex[:8]}"
    program.post(DATASETS, json={"name": made})
    program.post(f"{DATASETS}/{made}/properties", json={"name": "age"})
    return made


def writing(office: Office, name: str) -> str:
    """A published form that writes a list; its form id."""
    form_id = f"f_{name}"
    office.publish(SHEET.replace("FORM", form_id).replace("LIST", name))
    return form_id


def test_case_37_a_list_has_the_shape_central_gives_it(program: Program) -> None:
    made = program.post(DATASETS, json={"name": "Người-lớn", "approvalRequired": True})
    created = made["createdAt"]
    plain = {
        "name": "Người-lớn",
        "projectId": 1,
        "approvalRequired": True,
        "ownerOnly": False,
        "createdAt": created,
        "deletedAt": None,
    }
    keys = ("linkedForms", "sourceForms", "draftLinkedForms", "draftSourceForms")
    forms: dict[str, Any] = {key: [] for key in keys}
    assert made == {**plain, **forms, "properties": [], "lastUpdate": created}
    for path in (DATASETS, f"{DATASETS}/"):
        assert [one for one in program.get(path) if one["name"] == "Người-lớn"] == [plain]
    counted = {"entities": 0, "conflicts": 0, "lastEntity": None}
    assert program.get(f"{DATASETS}/Người-lớn", headers=EXTENDED) == {**made, **counted}
    assert program.post(f"{DATASETS}/Người-lớn/properties", json={"name": "nơi.ở"}) == {"success": True}
    entity = program.post(f"{DATASETS}/Người-lớn/entities", json={"label": "Lan"})
    told = program.get(f"{DATASETS}/Người-lớn", headers=EXTENDED)
    [one] = told["properties"]
    assert (one["name"], one["odataName"], one["forms"]) == ("nơi.ở", "n_i_", [])
    assert one["publishedAt"].endswith("Z")
    assert (told["entities"], told["lastEntity"]) == (1, entity["createdAt"])
    assert told["lastUpdate"] >= entity["createdAt"]


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({}, (400, 400.3)),
        ({"name": ""}, (400, 400.3)),
        ({"name": "a b"}, (400, 400.8)),
        ({"name": "__a"}, (400, 400.8)),
        ({"name": 7}, (400, 400.11)),
        ({"name": "a", "approvalRequired": "perhaps"}, (400, 400.11)),
    ],
)
def test_what_cannot_be_a_list_is_refused(
    program: Program, said: dict[str, Any], refusal: tuple[int, float]
) -> None:
    assert program.refused("POST", DATASETS, json=said) == refusal


def test_names_are_taken_in_any_capitals(program: Program, name: str) -> None:
    assert program.refused("POST", DATASETS, json={"name": name}) == (409, 409.3)
    assert program.refused("POST", DATASETS, json={"name": name.upper()}) == (409, 409.16)
    path = f"{DATASETS}/{name}/properties"
    for taken in ("age", "AGE"):
        assert program.refused("POST", path, json={"name": taken}) == (409, 409.3)
    for unusable in ("name", "label", "a b"):
        assert program.refused("POST", path, json={"name": unusable}) == (400, 400.8)


def test_forms_that_use_a_list_are_told_and_keep_it(kept_office: Office, program: Program, name: str) -> None:
    form_id = writing(kept_office, name)
    kept_office.publish(with_files(f"r_{name}", f"{name}.csv"), filename="reading.xml")
    kept_office.draft(SHEET.replace("FORM", f"d_{name}").replace("LIST", name))
    told = program.get(f"{DATASETS}/{name}")
    used = {
        where: [one["xmlFormId"] for one in told[where]]
        for where in ("sourceForms", "linkedForms", "draftSourceForms", "draftLinkedForms")
    }
    assert used == {
        "sourceForms": [form_id],
        "linkedForms": [f"r_{name}"],
        "draftSourceForms": [f"d_{name}"],
        "draftLinkedForms": [],
    }
    assert [one["xmlFormId"] for one in told["properties"][0]["forms"]] == [form_id]
    problem = program.problem("DELETE", f"{DATASETS}/{name}")
    assert (problem["code"], problem["details"]["linkedForms"]) == (409.21, told["linkedForms"])


def test_a_property_goes_when_no_form_and_no_entity_needs_it(program: Program, name: str) -> None:
    path = f"{DATASETS}/{name}"
    program.post(f"{path}/entities", json={"uuid": ONE, "label": "Lan", "data": {"age": "30"}})
    problem = program.problem("DELETE", f"{path}/properties/age")
    told = problem["details"]["prerequisites"]["nonEmptyEntities"]["details"]
    assert problem["code"] == 409.22
    assert told == {"totalCount": 1, "entities": [{"uuid": ONE, "label": "Lan"}]}
    program.ask("PATCH", f"{path}/entities/{ONE}?force=true", json={"data": {"age": " "}})
    assert program.ask("DELETE", f"{path}/properties/age").json == {"success": True}
    assert program.refused("DELETE", f"{path}/properties/age") == (404, 404.1)
    assert program.get(path)["properties"] == []
    assert program.get(f"{path}/entities/{ONE}")["currentVersion"]["data"] == {}


def test_a_list_that_is_deleted_frees_its_name_and_keeps_its_file(program: Program, name: str) -> None:
    path = f"{DATASETS}/{name}"
    program.post(f"{path}/entities", json={"label": "Lan", "data": {"age": "30"}})
    assert program.ask("DELETE", path).json == {"success": True}
    assert program.refused("GET", path) == (404, 404.1)
    assert name not in [one["name"] for one in program.get(DATASETS)]
    [gone] = [one for one in program.get(f"{DATASETS}?deleted=true") if one["name"] == name]
    file = program.ask("GET", f"projects/1/trash/datasets/{gone['id']}/entities.csv")
    assert [row[1:3] for row in csv.reader(io.StringIO(file.text))] == [["label", "age"], ["Lan", "30"]]
    assert f"{name}-deleted.csv" in file.headers["Content-Disposition"]
    assert program.post(DATASETS, json={"name": name})["properties"] == []
    assert program.refused("GET", "projects/1/trash/datasets/99/entities.csv") == (404, 404.1)


def test_a_file_has_centrals_columns_and_is_sent_once(program: Program, name: str) -> None:
    path = f"{DATASETS}/{name}/entities"
    program.post(path, json={"uuid": ONE, "label": "Lan, Mai", "data": {"age": "30"}})
    changed = program.patch(f"{path}/{ONE}?baseVersion=1", json={"data": {"age": "31"}})
    response = program.ask("GET", f"{path}.csv")
    assert response.text.endswith("\n")
    assert "\r" not in response.text
    columns = "__id,label,age,__createdAt,__creatorId,__creatorName,__updates,__updatedAt,__version"
    assert list(csv.reader(io.StringIO(response.text))) == [
        columns.split(","),
        [ONE, "Lan, Mai", "31", changed["createdAt"], "1", "admin", "1", changed["updatedAt"], "2"],
    ]
    known = {"If-None-Match": response.headers["ETag"]}
    again = program.ask("GET", f"{path}.csv", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    program.ask("DELETE", f"{path}/{ONE}")
    anew = program.ask("GET", f"{path}.csv", headers=known)
    assert (anew.status_code, anew.text) == (200, f"{columns}\n")


def test_a_list_of_what_one_made_oneself_says_so(program: Program, name: str) -> None:
    path = f"{DATASETS}/{name}"
    told = program.patch(path, json={"accessFilter": {"type": "ownerOnly"}})
    assert (told["ownerOnly"], told["accessFilter"]) == (True, {"type": "ownerOnly"})
    told = program.patch(path, json={"accessFilter": None})
    assert (told["ownerOnly"], "accessFilter" in told) == (False, False)
    assert program.patch(path, json={"ownerOnly": True})["ownerOnly"]
    assert program.refused("PATCH", path, json={"accessFilter": {"type": "x"}}) == (400, 400.8)
    assert program.refused("PATCH", path, json={"accessFilter": {"type": "property"}}) == (501, 501.1)


def test_lines_of_a_file_and_places_of_a_map_are_chosen(program: Program, name: str) -> None:
    path = f"{DATASETS}/{name}/entities"
    program.post(f"{DATASETS}/{name}/properties", json={"name": "geometry"})
    several = [
        {"uuid": str(uuid.uuid4()), "label": label, "data": {"age": age, "geometry": "22.1 104.1"}}
        for label, age in (("Lò Văn Pỉnh", "30"), ("Vàng Thị Mỷ", "40"))
    ]
    program.post(path, json={"entities": several, "source": {"name": "a"}})
    for query, label in (("$search=van pinh", "Lò Văn Pỉnh"), ("$filter=age eq '40'", "Vàng Thị Mỷ")):
        file = program.ask("GET", f"{path}.csv?{query}")
        assert [row["label"] for row in csv.DictReader(io.StringIO(file.text))] == [label], query
        assert "ETag" not in file.headers
        [number] = [one["id"] for one in program.get(f"{path}.geojson?{query}")["features"]]
        assert [one["label"] for one in several if one["uuid"] == number] == [label]
    program.ask("DELETE", f"{path}/{several[0]['uuid']}")
    file = program.ask("GET", f"{path}.csv?$filter=__system/deletedAt ne null")
    assert [row["label"] for row in csv.DictReader(io.StringIO(file.text))] == ["Lò Văn Pỉnh"]
    assert program.refused("GET", f"{path}.csv?$filter=age is 7")[1] == 400.18
