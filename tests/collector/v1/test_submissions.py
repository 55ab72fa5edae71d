"""Programs read what came, take records out and put them back."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, REVIEWER, VIEWER
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.v1.program import EXTENDED, Program, filled, person, simple
from tests.office import Office
from tests.phone import DEVICE_ID, USER_AGENT, SendFailed

LIST = "projects/1/forms/simple/submissions"


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody with a phone for the form everything begins with."""
    return Volunteer(office, form=office.publish(simple(), filename="simple.xml"))


def test_a_record_has_the_shape_central_gives_it(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(filled("uuid:1", "Lan", 30))
    [record] = Program(office).get(LIST)
    sent = {
        "submitterId": volunteer.given.actor_id,
        "deviceId": DEVICE_ID,
        "userAgent": USER_AGENT,
        "createdAt": record["createdAt"],
    }
    assert record == {
        "instanceId": "uuid:1",
        **sent,
        "reviewState": None,
        "updatedAt": None,
        "deletedAt": None,
        "currentVersion": {"instanceId": "uuid:1", **sent, "instanceName": None, "current": True},
    }
    assert record["createdAt"].endswith("Z")
    # Clients write the colon either way.
    assert Program(office).get(f"{LIST}/uuid%3A1") == Program(office).get(f"{LIST}/uuid:1") == record


def test_the_longer_shape_names_who_sent_it(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(filled("uuid:1", "Lan", 30))
    [record] = Program(office).get(LIST, headers=EXTENDED)
    assert record["submitter"]["displayName"] == "Điện thoại 1"
    assert record["currentVersion"]["submitter"]["type"] == "field_key"


def test_the_list_is_cut_as_asked_newest_first(office: Office, volunteer: Volunteer) -> None:
    for number in range(5):
        volunteer.send(filled(f"uuid:{number}", "Lan", number))
    program = Program(office)

    def listed(query: str) -> list[str]:
        return [record["instanceId"].removeprefix("uuid:") for record in program.get(f"{LIST}{query}")]

    assert listed("") == ["4", "3", "2", "1", "0"]
    assert listed("?limit=2") == ["4", "3"]
    assert listed("?limit=2&offset=1") == ["3", "2"]
    assert listed("?offset=4") == ["0"]
    assert listed("?limit=0") == []
    assert listed("?offset=9") == []
    assert program.refused("GET", f"{LIST}?limit=-1") == (400, 400.11)
    assert program.refused("GET", f"{LIST}?offset=99999999999999999999") == (400, 400.11)


def test_a_long_list_comes_whole(
    office: Office, volunteer: Volunteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.queries.records._PAGE", 2)
    for number in range(5):
        volunteer.send(filled(f"uuid:{number}", "Lan", number))
    program = Program(office)
    assert len(program.get(LIST)) == 5
    assert [one["instanceId"] for one in program.get(f"{LIST}?limit=3&offset=1")] == [
        "uuid:3",
        "uuid:2",
        "uuid:1",
    ]


def test_the_xml_of_a_record_is_what_the_phone_sent(office: Office, volunteer: Volunteer) -> None:
    xml = filled("uuid:1", "Vàng Thị Mỷ &amp; con", 30)
    volunteer.send(xml)
    response = Program(office).ask("GET", f"{LIST}/uuid:1.xml")
    assert response.data == xml
    assert response.content_type == "application/xml; charset=utf-8"


def test_the_xml_of_a_large_record_comes_from_the_disk(office: Office, volunteer: Volunteer) -> None:
    xml = filled("uuid:1", "x" * 300_000, 30)
    volunteer.send(xml)
    assert Program(office).ask("GET", f"{LIST}/uuid:1.xml").data == xml


def test_a_record_that_is_not_there(office: Office, volunteer: Volunteer) -> None:
    program = Program(office)
    for tail in ("uuid:9", "uuid:9.xml", "uuid:9/attachments", "uuid:9/versions", "%00", "%ff"):
        assert program.refused("GET", f"{LIST}/{tail}") == (404, 404.1)
    assert program.refused("GET", "projects/1/forms/other/submissions") == (404, 404.1)
    assert program.refused("GET", "projects/7/forms/simple/submissions") == (404, 404.1)
    assert program.get(f"{LIST}/keys") == []
    assert volunteer.form.xml_form_id == "simple"


def test_the_files_of_a_record(office: Office) -> None:
    form = office.publish(asked("f", "1", "photo:binary sound:binary"), filename="f.xml")
    answers = "<photo>ảnh 1.jpg</photo><sound>later.m4a</sound>"
    Volunteer(office, form=form).send(answered("f", "1", answers, instance_id="uuid:1"), {"ảnh 1.jpg": JPEG})
    program = Program(office)
    files = "projects/1/forms/f/submissions/uuid:1/attachments"
    assert program.get(files) == [
        {"name": "ảnh 1.jpg", "exists": True},
        {"name": "later.m4a", "exists": False},
    ]
    response = program.ask("GET", f"{files}/{quote('ảnh 1.jpg')}")
    assert response.data == JPEG
    assert response.content_type == "image/jpeg"
    assert quote("ảnh 1.jpg") in response.headers["Content-Disposition"]
    fresh = program.ask(
        "GET", f"{files}/{quote('ảnh 1.jpg')}", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert fresh.status_code == 304
    assert program.refused("GET", f"{files}/later.m4a") == (404, 404.1)
    assert program.refused("GET", f"{files}/other.jpg") == (404, 404.1)


def test_an_edited_record_keeps_its_id_and_every_version(office: Office, volunteer: Volunteer) -> None:
    first, second = filled("uuid:1", "Lan", 30), filled("uuid:2", "Lan", 31, replaces="uuid:1")
    volunteer.send(first)
    volunteer.send(second)
    program = Program(office)
    [record] = program.get(LIST)
    assert record["instanceId"] == "uuid:1"
    assert record["currentVersion"]["instanceId"] == "uuid:2"
    assert record["reviewState"] == "edited"
    versions = program.get(f"{LIST}/uuid:1/versions")
    assert [(one["instanceId"], one["current"]) for one in versions] == [("uuid:2", True), ("uuid:1", False)]
    assert program.get(f"{LIST}/uuid:1/versions", headers=EXTENDED)[0]["formVersion"] == "1"
    assert program.get(f"{LIST}/uuid:1/versions/uuid:2") == versions[0]
    assert program.ask("GET", f"{LIST}/uuid:1.xml").data == second
    assert program.ask("GET", f"{LIST}/uuid:1/versions/uuid:1.xml").data == first
    assert program.get(f"{LIST}/uuid:1/versions/uuid:1/attachments") == []
    assert program.refused("GET", f"{LIST}/uuid:1/versions/uuid:9") == (404, 404.1)


@pytest.mark.parametrize("tail", ["", ".xml", "/attachments", "/attachments/a%20b"])
def test_the_id_of_a_later_version_leads_to_its_place(
    office: Office, volunteer: Volunteer, tail: str
) -> None:
    volunteer.send(filled("uuid:1", "Lan", 30))
    volunteer.send(filled("uuid:2", "Lan", 31, replaces="uuid:1"))
    response = Program(office).ask("GET", f"{LIST}/uuid:2{tail}")
    assert response.status_code == 301
    assert response.headers["Location"] == f"http://localhost/v1/{LIST}/uuid%3A1/versions/uuid%3A2{tail}"


def test_a_record_is_taken_out_and_put_back(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(filled("uuid:1", "Lan", 30))
    volunteer.send(filled("uuid:2", "Mai", 31))
    program = Program(office)
    assert program.refused("POST", f"{LIST}/uuid:1/restore") == (404, 404.1)
    assert program.ask("DELETE", f"{LIST}/uuid:1").json == {"success": True}
    assert program.refused("DELETE", f"{LIST}/uuid:1") == (404, 404.1)
    assert program.refused("GET", f"{LIST}/uuid:1") == (404, 404.1)
    assert program.refused("GET", f"{LIST}/uuid:1.xml") == (404, 404.1)
    assert [record["instanceId"] for record in program.get(LIST)] == ["uuid:2"]
    [gone] = program.get(f"{LIST}?deleted=true")
    assert gone["deletedAt"].endswith("Z")
    assert "uuid:1" not in program.ask("GET", f"{LIST}.csv").text
    with pytest.raises(SendFailed, match=r"deleted|xóa|xoá"):
        volunteer.send(filled("uuid:1", "Lan", 30))

    assert program.post(f"{LIST}/uuid:1/restore") == {"success": True}
    assert [record["instanceId"] for record in program.get(LIST)] == ["uuid:2", "uuid:1"]
    assert program.get(f"{LIST}?deleted=true") == []
    assert "uuid:1" in program.ask("GET", f"{LIST}.csv").text


def test_who_only_sends_reads_nothing_and_who_reads_deletes_nothing(
    office: Office, volunteer: Volunteer
) -> None:
    volunteer.send(filled("uuid:1", "Lan", 30))
    reviewer, collector = person(office, REVIEWER), person(office, DATA_COLLECTOR)
    viewer = person(office, VIEWER)
    for tail in ("", "/uuid:1", "/uuid:1.xml", "/uuid:1/versions", ".csv", ".csv.zip"):
        assert reviewer.ask("GET", f"{LIST}{tail}").status_code == 200
        assert viewer.refused("GET", f"{LIST}{tail}") == (403, 403.1)
        assert collector.refused("GET", f"{LIST}{tail}") == (403, 403.1)
    assert reviewer.refused("DELETE", f"{LIST}/uuid:1") == (403, 403.1)
    assert reviewer.refused("POST", f"{LIST}/uuid:1/restore") == (403, 403.1)
    assert office.client().get(f"/v1/{LIST}").status_code == 401
