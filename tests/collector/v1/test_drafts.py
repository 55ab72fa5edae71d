"""A draft is made, filled with files, tried, published or thrown away."""

from __future__ import annotations

import pytest

from tests.asked import asked
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import Program, filled, simple
from tests.forms.tables import xform
from tests.office import Office

XML = "application/xml"
DRAFT = "projects/1/forms/simple/draft"


def with_file(version: str) -> bytes:
    """A form that wants `choices.csv` and `map.png` beside it."""
    return xform(
        f'<data id="filed" version="{version}"><a/><meta><instanceID/></meta></data>',
        model=(
            '<instance id="c" src="jr://file-csv/choices.csv"/><instance id="m" src="jr://images/map.png"/>'
            '<bind nodeset="/data/a" type="string"/>'
        ),
        title="Filed",
    )


def test_a_draft_replaces_the_one_before_under_the_same_testing_address(office: Office) -> None:
    program = Program(office)
    first = program.post("projects/1/forms", data=simple(), content_type=XML)
    assert program.post(DRAFT, data=simple("2"), content_type=XML) == {"success": True}
    second = program.get(DRAFT)
    assert second["version"] == "2"
    assert second["draftToken"] == first["draftToken"]
    assert program.ask("GET", f"{DRAFT}.xml").data == simple("2")
    assert [field["name"] for field in program.get(f"{DRAFT}/fields")] == [
        "meta",
        "instanceID",
        "name",
        "age",
    ]


def test_an_empty_body_copies_what_is_published(office: Office) -> None:
    office.publish(simple(), filename="simple.xml")
    program = Program(office)
    assert program.refused("GET", DRAFT) == (404, 404.1)
    assert program.post(DRAFT) == {"success": True}
    assert program.get(DRAFT)["version"] == "1"
    # pyodk names the moment when it publishes a copy.
    version = "2026-08-03T09:10:11.123456"
    assert program.post(f"{DRAFT}/publish?version={version}") == {"success": True}
    live = program.get("projects/1/forms/simple")
    assert live["version"] == version
    assert f'version="{version}"'.encode() in program.ask("GET", "projects/1/forms/simple.xml").data
    assert program.refused("GET", DRAFT) == (404, 404.1)


def test_a_copy_of_what_was_never_published_is_refused(office: Office) -> None:
    program = Program(office)
    program.post("projects/1/forms", data=simple(), content_type=XML)
    assert program.refused("POST", DRAFT) == (400, 400.2)


def test_a_version_is_published_once(office: Office) -> None:
    office.publish(simple(), filename="simple.xml")
    program = Program(office)
    program.post(DRAFT, data=simple().replace(b"<label>Name", b"<label>Full name"), content_type=XML)
    assert program.refused("POST", f"{DRAFT}/publish") == (409, 409.6)
    assert program.post(f"{DRAFT}/publish?version=2") == {"success": True}


def test_a_draft_is_thrown_away_but_not_the_only_version(office: Office) -> None:
    program = Program(office)
    program.post("projects/1/forms", data=simple(), content_type=XML)
    assert program.refused("DELETE", DRAFT) == (409, 409.7)
    program.post(f"{DRAFT}/publish")
    assert program.refused("DELETE", DRAFT) == (404, 404.1)
    program.post(DRAFT)
    assert program.ask("DELETE", DRAFT).json == {"success": True}
    assert program.get("projects/1/forms/simple")["version"] == "1"


def test_a_draft_belongs_to_its_form(office: Office) -> None:
    office.publish(simple(), filename="simple.xml")
    other = simple().replace(b'id="simple"', b'id="other"')
    program = Program(office)
    assert program.refused("POST", DRAFT, data=other, content_type=XML) == (400, 400.8)
    assert program.refused("GET", "projects/1/forms/other") == (404, 404.1)


def test_a_question_that_goes_is_warned_of_and_one_that_changes_its_type_refused(office: Office) -> None:
    office.publish(asked("simple", "1", "name:string age:int"), filename="simple.xml")
    program = Program(office)
    without = asked("simple", "2", "name:string")
    response = program.ask("POST", DRAFT, data=without, content_type=XML)
    assert response.json is not None
    assert response.json["code"] == 400.16
    assert response.json["details"]["warnings"]["workflowWarnings"] == [
        {"type": "structureChanged", "details": ["age"]}
    ]
    assert program.post(f"{DRAFT}?ignoreWarnings=true", data=without, content_type=XML) == {"success": True}
    changed = asked("simple", "2", "name:string age:date")
    assert program.refused("POST", DRAFT, data=changed, content_type=XML) == (400, 400.17)


def test_answers_of_a_number_that_becomes_text_read_as_they_were_sent(office: Office) -> None:
    form = office.publish(simple(), filename="simple.xml")
    Volunteer(office, form=form).send(filled("uuid:1", "Lan", "007"))
    program = Program(office)
    widened = simple("2").replace(b'nodeset="/data/age" type="int"', b'nodeset="/data/age" type="string"')
    program.post(DRAFT, data=widened, content_type=XML)
    program.post(f"{DRAFT}/publish")
    lines = program.ask("GET", "projects/1/forms/simple/submissions.csv").text.splitlines()
    assert lines[1].split(",")[1:4] == ["uuid:1", "Lan", "007"]


def test_the_files_of_a_draft_are_filled_replaced_and_taken_out(office: Office) -> None:
    program = Program(office)
    program.post("projects/1/forms", data=with_file("1"), content_type=XML)
    files = "projects/1/forms/filed/draft/attachments"
    empty = {
        "name": "choices.csv",
        "type": "file",
        "hash": None,
        "exists": False,
        "blobExists": False,
        "datasetExists": False,
        "updatedAt": None,
    }
    assert program.get(files)[0] == empty
    assert program.refused("GET", f"{files}/choices.csv") == (404, 404.1)
    filled_slot = program.post(f"{files}/choices.csv", data=b"name,label\na,A\n", content_type="text/csv")
    assert filled_slot == empty | {
        "hash": "4020958f8c43fbc96d8b94eac85e9e0c",
        "exists": True,
        "blobExists": True,
        "updatedAt": filled_slot["updatedAt"],
        "size": 15,
    }
    assert program.ask("GET", f"{files}/choices.csv").data == b"name,label\na,A\n"
    assert program.refused("POST", f"{files}/other.csv", data=b"x") == (404, 404.1)
    assert program.ask("DELETE", f"{files}/choices.csv").json == {"success": True}
    assert program.refused("DELETE", f"{files}/choices.csv") == (404, 404.1)
    assert program.get(files)[0]["exists"] is False


@pytest.mark.parametrize("encoding", ["gzip", ""])
def test_a_file_is_kept_as_it_is_sent_whatever_is_said_of_its_packing(office: Office, encoding: str) -> None:
    program = Program(office)
    program.post("projects/1/forms", data=with_file("1"), content_type=XML)
    address = "projects/1/forms/filed/draft/attachments/map.png"
    program.post(address, data=b"\x1f\x8b\0bytes", headers={"Content-Encoding": encoding} if encoding else {})
    assert program.ask("GET", address).data == b"\x1f\x8b\0bytes"


def test_files_go_on_to_the_next_version(office: Office) -> None:
    office.publish(with_file("1"), filename="filed.xml", media={"choices.csv": b"one", "map.png": b"two"})
    program = Program(office)
    program.post("projects/1/forms/filed/draft")
    program.post("projects/1/forms/filed/draft/attachments/choices.csv", data=b"three")
    assert program.ask("GET", "projects/1/forms/filed/attachments/choices.csv").data == b"one"
    program.post("projects/1/forms/filed/draft/publish?version=2")
    assert program.ask("GET", "projects/1/forms/filed/attachments/choices.csv").data == b"three"
    assert program.ask("GET", "projects/1/forms/filed/attachments/map.png").data == b"two"
    assert [one["exists"] for one in program.get("projects/1/forms/filed/attachments")] == [True, True]
