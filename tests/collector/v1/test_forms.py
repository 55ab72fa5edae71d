"""Programs make forms, read what they ask, and open and close them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, VIEWER
from tests.asked import asked
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import EXTENDED, XLSX, Program, filled, person, simple
from tests.office import Office

XML = "application/xml"
WORKBOOK = Path(__file__).parents[3] / "xlsforms" / "f01_hh_survey" / "f01_hh_survey.xlsx"


def test_a_form_sent_as_xml_is_a_draft_until_it_is_published(office: Office) -> None:
    program = Program(office)
    form = program.post("projects/1/forms?ignoreWarnings=True&publish=False", data=simple(), content_type=XML)
    assert form == {
        "projectId": 1,
        "xmlFormId": "simple",
        "name": "Simple",
        "version": "1",
        "state": "open",
        "hash": hashlib.md5(simple(), usedforsecurity=False).hexdigest(),
        "sha": hashlib.sha1(simple(), usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(simple()).hexdigest(),
        "keyId": None,
        "enketoId": None,
        "enketoOnceId": None,
        "draftToken": form["draftToken"],
        "webformsEnabled": False,
        "createdAt": form["createdAt"],
        "updatedAt": form["updatedAt"],
        "publishedAt": None,
    }
    assert len(form["draftToken"]) == 64
    assert program.post("projects/1/forms/simple/draft/publish") == {"success": True}
    live = program.get("projects/1/forms/simple")
    assert live["publishedAt"].endswith("Z")
    assert live["draftToken"] is None
    assert program.ask("GET", "projects/1/forms/simple.xml").data == simple()


def test_a_form_may_be_published_at_once(office: Office) -> None:
    program = Program(office)
    form = program.post("projects/1/forms?publish=TRUE", data=simple(""), content_type=XML)
    assert form["publishedAt"] is not None
    assert form["version"] == ""
    assert [one["xmlFormId"] for one in program.get("projects/1/forms/")] == ["simple"]


def test_a_workbook_is_converted_and_can_be_had_back(office: Office) -> None:
    program = Program(office)
    data = WORKBOOK.read_bytes()
    form = program.post("projects/1/forms?publish=true&ignoreWarnings=true", data=data, content_type=XLSX)
    assert form["xmlFormId"] == "f01_hh_survey"
    extended = program.get("projects/1/forms/f01_hh_survey", headers=EXTENDED)
    assert extended["excelContentType"] == XLSX
    response = program.ask("GET", "projects/1/forms/f01_hh_survey.xlsx")
    assert response.data == data
    assert 'filename="f01_hh_survey.xlsx"' in response.headers["Content-Disposition"]


def test_a_workbook_without_an_id_takes_the_one_of_the_header(office: Office) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "survey"
    for row in (("type", "name", "label"), ("text", "a", "A")):
        sheet.append(row)
    file = Path(office.settings.home) / "book.xlsx"
    book.save(file)
    program = Program(office)
    data = file.read_bytes()
    assert program.refused("POST", "projects/1/forms", data=data, content_type=XLSX) == (400, 400.15)
    header = {"X-XlsForm-FormId-Fallback": quote("khảo sát 📋", safe="")}
    form = program.post(
        "projects/1/forms?ignoreWarnings=true&publish=true", data=data, content_type=XLSX, headers=header
    )
    assert form["xmlFormId"] == "khảo sát 📋"
    address = f"projects/1/forms/{quote('khảo sát 📋', safe='')}"
    assert program.get(address)["xmlFormId"] == "khảo sát 📋"
    assert program.ask("GET", f"{address}/submissions.csv").status_code == 200


def test_warnings_are_told_unless_they_are_ignored(office: Office) -> None:
    program = Program(office)
    book = _workbook(office, [("text", "a", "A"), ("image", "photo", "Photo")], form_id="warned")
    response = program.ask("POST", "projects/1/forms?publish=true", data=book, content_type=XLSX)
    assert response.json is not None
    assert response.json["code"] == 400.16
    [warning] = response.json["details"]["warnings"]["xlsFormWarnings"]
    assert "max-pixels" in warning
    assert program.get("projects/1/forms") == []
    form = program.post("projects/1/forms?publish=true&ignoreWarnings=TRUE", data=book, content_type=XLSX)
    assert form["xmlFormId"] == "warned"


def _workbook(office: Office, questions: list[tuple[str, str, str]], *, form_id: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "survey"
    for row in [("type", "name", "label"), *questions]:
        survey.append(row)
    settings = book.create_sheet("settings")
    settings.append(("form_id", "version"))
    settings.append((form_id, "1"))
    file = Path(office.settings.home) / "book.xlsx"
    book.save(file)
    return file.read_bytes()


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"", XML, (400, 400.3)),
        (b"<h:html", XML, (400, 400.1)),
        (b"PK\x03\x04", XLSX, (400, 400.15)),
        (simple().replace(b'id="simple"', b'id="simple.xml"'), XML, (400, 400.8)),
        (simple().replace(b"<meta><instanceID/></meta>", b""), XML, (400, 400.27)),
    ],
    ids=["empty", "cut short", "no workbook", "id of a file", "without meta"],
)
def test_what_is_no_form_is_refused(
    office: Office, body: bytes, content_type: str, said: tuple[int, float]
) -> None:
    program = Program(office)
    assert program.refused("POST", "projects/1/forms", data=body, content_type=content_type) == said
    assert program.get("projects/1/forms") == []


def test_a_fault_of_a_workbook_comes_with_its_row(office: Office) -> None:
    book = _workbook(office, [("text", "a", "A"), ("txet", "b", "B")], form_id="faulty")
    response = Program(office).ask("POST", "projects/1/forms", data=book, content_type=XLSX)
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["code"] == 400.15
    assert response.json["details"]["remarks"][0]["row"] == 3


def test_a_form_is_made_once(office: Office) -> None:
    program = Program(office)
    program.post("projects/1/forms?publish=true", data=simple(), content_type=XML)
    assert program.refused("POST", "projects/1/forms", data=simple("2"), content_type=XML) == (409, 409.3)


def test_the_fields_of_a_form(office: Office) -> None:
    form = asked(
        "odd", "1", ["a-b.c:string", "g/many:select", "g/photo:binary", "r*/x:int"], choices={"/g/many": "ab"}
    )
    office.publish(form, filename="odd.xml")
    program = Program(office)
    fields = program.get("projects/1/forms/odd/fields")
    assert [(field["path"], field["type"]) for field in fields][:6] == [
        ("/a-b.c", "string"),
        ("/g", "structure"),
        ("/g/many", "string"),
        ("/g/photo", "binary"),
        ("/r", "repeat"),
        ("/r/x", "int"),
    ]
    assert fields[2] == {
        "name": "many",
        "path": "/g/many",
        "type": "string",
        "binary": None,
        "selectMultiple": True,
    }
    assert fields[3]["binary"] is True
    assert program.get("projects/1/forms/odd/fields?odata=true")[0]["path"] == "/a_b_c"


def test_the_longer_shape_counts_submissions(office: Office) -> None:
    form = office.publish(simple(), filename="simple.xml")
    volunteer = Volunteer(office, form=form)
    volunteer.send(filled("uuid:1", "Lan", 30))
    volunteer.send(filled("uuid:2", "Mai", 31))
    volunteer.send(filled("uuid:3", "Mai", 32, replaces="uuid:2"))
    [extended] = Program(office).get("projects/1/forms", headers=EXTENDED)
    assert extended["submissions"] == 2
    assert extended["reviewStates"] == {"received": 1, "hasIssues": 0, "edited": 1}
    assert extended["createdBy"]["displayName"] == "admin"
    assert extended["publicLinks"] == 0
    assert extended["entityRelated"] is False


def test_a_form_is_closed_slowly_and_opened_again(office: Office) -> None:
    office.publish(simple(), filename="simple.xml")
    program = Program(office)
    for state in ("closing", "closed", "open"):
        response = program.ask("PATCH", "projects/1/forms/simple", json={"state": state})
        assert response.json is not None
        assert response.json["state"] == state
    assert program.refused("PATCH", "projects/1/forms/simple", json={"state": "shut"}) == (400, 400.8)
    assert program.refused("PATCH", "projects/1/forms/simple", json={"state": 5}) == (400, 400.11)
    assert program.refused("PATCH", "projects/1/forms/none", json={"state": "open"}) == (404, 404.1)


def test_every_version_can_be_had(office: Office) -> None:
    program = Program(office)
    for version in ("1", "2", ""):
        office.publish(simple(version), filename="simple.xml")
    assert [one["version"] for one in program.get("projects/1/forms/simple/versions")] == ["", "2", "1"]
    assert program.get("projects/1/forms/simple/versions/1")["version"] == "1"
    assert program.get("projects/1/forms/simple/versions/___")["version"] == ""
    assert len(program.get("projects/1/forms/simple/versions/2/fields")) == 4
    assert program.get("projects/1/forms/simple/versions/2/attachments") == []
    assert program.refused("GET", "projects/1/forms/simple/versions/9") == (404, 404.6)


def test_a_viewer_sees_what_is_published_and_a_collector_what_is_open(office: Office) -> None:
    office.publish(simple(), filename="simple.xml")
    office.publish(simple().replace(b"simple", b"shut"), filename="shut.xml")
    office.draft(simple().replace(b"simple", b"later"), filename="later.xml")
    Program(office).ask("PATCH", "projects/1/forms/shut", json={"state": "closed"})

    viewer, collector = person(office, VIEWER), person(office, DATA_COLLECTOR)
    assert [form["xmlFormId"] for form in viewer.get("projects/1/forms")] == ["shut", "simple"]
    assert [form["xmlFormId"] for form in collector.get("projects/1/forms")] == ["simple"]
    assert viewer.get("projects/1/forms/shut")["state"] == "closed"
    assert collector.refused("GET", "projects/1/forms/shut") == (403, 403.1)
    assert viewer.refused("GET", "projects/1/forms/later") == (403, 403.1)
    assert viewer.refused("POST", "projects/1/forms", data=simple(), content_type=XML) == (403, 403.1)
