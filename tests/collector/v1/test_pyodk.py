"""pyodk, as it is installed everywhere, against a server on a port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyodk._utils.config import CentralConfig, Config
from pyodk.client import Client
from pyodk.errors import PyODKError
from werkzeug.serving import make_server

from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.v1.program import filled, simple
from tests.office import ADMIN, ADMIN_PASSWORD, Office


@pytest.fixture
def client(office: Office, tmp_path: Path) -> Iterator[Client]:
    """pyodk, signed in as the administrator."""
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    central = CentralConfig(f"http://127.0.0.1:{server.server_port}", ADMIN, ADMIN_PASSWORD, 1)
    try:
        with Client(config=Config(central), cache_path=tmp_path / "cache.toml") as signed_in:
            yield signed_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_projects_and_phones(office: Office, client: Client) -> None:
    [project] = client.projects.list()
    assert project.name == "Khảo sát"
    assert client.projects.get().id == 1
    for form_id in ("one", "two"):
        office.publish(simple().replace(b'id="simple"', f'id="{form_id}"'.encode()), filename="form.xml")
    [phone] = client.projects.create_app_users(["Lan"], forms=["one"])
    assert phone.displayName == "Lan"
    assert list(client.projects.create_app_users(["Lan"])) == []
    listed = office.client().get(f"/v1/key/{phone.token}/projects/1/formList").text
    assert "<formID>one</formID>" in listed
    assert "<formID>two</formID>" not in listed


def test_a_form_is_made_with_its_files_and_made_anew(client: Client, tmp_path: Path) -> None:
    definition = tmp_path / "khảo sát.xml"
    definition.write_bytes(
        asked("khảo sát 📋", "1", "name:string").replace(
            b"</instance>", b'</instance><instance id="c" src="jr://file-csv/list.csv"/>', 1
        )
    )
    listed = tmp_path / "list.csv"
    listed.write_text("name,label\n" + "a,A\n" * 20_000)
    form = client.forms.create(definition, attachments=[listed])
    assert form.xmlFormId == "khảo sát 📋"
    assert [one.xmlFormId for one in client.forms.list()] == ["khảo sát 📋"]
    assert client.forms.get("khảo sát 📋").version == "1"
    assert client.forms.get_xml("khảo sát 📋") == definition.read_text()

    listed.write_text("name,label\nb,B\n")
    client.forms.update("khảo sát 📋", attachments=[listed])
    assert client.forms.get("khảo sát 📋").version.startswith("20")
    held = client.get("projects/1/forms/khảo sát 📋/attachments/list.csv")
    assert held.text == "name,label\nb,B\n"
    client.forms.update(
        "khảo sát 📋", attachments=[listed], version_updater=lambda version: f"{version[:4]} ✓"
    )
    assert client.forms.get("khảo sát 📋").version.endswith(" ✓")
    client.forms.update("khảo sát 📋", definition=asked("khảo sát 📋", "9", "name:string age:int").decode())
    assert client.forms.get("khảo sát 📋").version == "9"


def test_a_workbook_becomes_a_form(client: Client) -> None:
    workbook = Path(__file__).parents[3] / "xlsforms" / "f01_hh_survey" / "f01_hh_survey.xlsx"
    assert client.forms.create(workbook).xmlFormId == "f01_hh_survey"


def test_submissions_are_listed_and_read(office: Office, client: Client) -> None:
    volunteer = Volunteer(office, form=office.publish(simple(), filename="simple.xml"))
    volunteer.send(filled("uuid:1", "Lan", 30))
    volunteer.send(filled("uuid:2", "Mai", 31))
    records = client.submissions.list(form_id="simple")
    assert [record.instanceId for record in records] == ["uuid:2", "uuid:1"]
    record = client.submissions.get("uuid:1", form_id="simple")
    assert record.submitterId == volunteer.given.actor_id
    assert record.reviewState is None
    assert client.get("projects/1/forms/simple/submissions/uuid:1.xml").content == filled("uuid:1", "Lan", 30)
    assert client.get("projects/1/forms/simple/submissions.csv").text.count("\n") == 3


def test_submissions_are_made_with_files_edited_and_judged(
    office: Office, client: Client, tmp_path: Path
) -> None:
    office.publish(asked("f", "1", "name:string photo:binary list:binary"), filename="f.xml")
    photo, packed = tmp_path / "p.jpg", tmp_path / "l.csv.gz"
    photo.write_bytes(JPEG)
    packed.write_bytes(b"\x1f\x8b\x08 packed")
    files = "<photo>p.jpg</photo><list>l.csv.gz</list>"
    xml = answered("f", "1", f"<name>Lan</name>{files}", instance_id="uuid:1").decode()
    made = client.submissions.create(xml, form_id="f", attachments=[photo, packed], device_id="máy")
    assert (made.instanceId, made.deviceId) == ("uuid:1", "máy")
    held = "projects/1/forms/f/submissions/uuid%3A1/attachments"
    assert client.get(f"{held}/p.jpg").content == JPEG
    assert client.get(f"{held}/l.csv.gz").content == packed.read_bytes()

    xml = answered("f", "1", f"<name>Mai</name>{files}", instance_id="uuid:2", replaces="uuid:1").decode()
    client.submissions.edit("uuid:1", xml, form_id="f", comment="gọi lại")
    assert client.submissions.get("uuid:1", form_id="f").reviewState == "edited"
    assert [one.body for one in client.submissions.list_comments("uuid:1", form_id="f")] == ["gọi lại"]
    client.submissions.review("uuid:1", "approved", form_id="f")
    assert client.submissions.get("uuid:1", form_id="f").reviewState == "approved"
    assert client.get(f"{held}/p.jpg").content == JPEG
    with pytest.raises(PyODKError) as told:
        client.submissions.edit("uuid:1", xml.replace("uuid:2", "uuid:3"), form_id="f")
    assert told.value.is_central_error(409.9)


def test_records_are_made_corrected_judged_and_discussed(client: Client, tmp_path: Path) -> None:
    # Ids as somebody who tries everything writes them: pyodk encodes what an address cannot carry.
    form_id, instance_id = "'=+/*-451%/%✅", "s~!@#$%^*()_+=-✅"
    client.forms.create(asked(form_id, "1", "name:string photo:binary").decode(), form_id=form_id)
    photo = tmp_path / "ảnh đẹp.jpg"
    photo.write_bytes(JPEG)
    xml = answered(form_id, "1", f"<name>Lan</name><photo>{photo.name}</photo>", instance_id=instance_id)
    made = client.submissions.create(xml.decode(), form_id=form_id, attachments=[photo])
    assert [(one.name, one.exists) for one in made.attachments or ()] == [(photo.name, True)]
    assert made.instanceId == instance_id

    later = answered(form_id, "1", "<name>Mai</name>", instance_id="s2", replaces=instance_id)
    client.submissions.edit(instance_id, later.decode(), form_id=form_id, comment="Đã hỏi lại")
    record = client.submissions.get(instance_id, form_id=form_id)
    assert record.reviewState == "edited"
    client.submissions.review(instance_id, "approved", form_id=form_id)
    assert client.submissions.get(instance_id, form_id=form_id).reviewState == "approved"
    client.submissions.add_comment(instance_id, "Xong", form_id=form_id)
    said = client.submissions.list_comments(instance_id, form_id=form_id)
    assert [one.body for one in said] == ["Xong", "Đã hỏi lại"]

    table = client.submissions.get_table(
        form_id=form_id,
        table_name="Submissions",
        count=True,
        select="__id,__system/formVersion,name",
        filter="name eq 'Mai'",
    )
    assert table["@odata.count"] == 1
    assert table["value"] == [{"__id": instance_id, "__system": {"formVersion": "1"}, "name": "Mai"}]
    whole = client.submissions.get_table(form_id=form_id, top=1, skip=0, wkt=True, expand="*")
    assert [row["__id"] for row in whole["value"]] == [instance_id]


def test_errors_are_known_by_their_code(client: Client) -> None:
    client.forms.create(simple().decode())
    with pytest.raises(PyODKError) as told:
        client.forms.create(simple().decode())
    assert told.value.is_central_error(409.3)
    with pytest.raises(PyODKError) as told:
        client.submissions.get("uuid:none", form_id="simple")
    assert told.value.is_central_error(404.1)


def test_a_token_is_kept_and_used_again(office: Office, client: Client, tmp_path: Path) -> None:
    assert client.projects.list()
    again = Client(config=client.config, cache_path=tmp_path / "cache.toml")
    with again:
        assert again.session.headers["Authorization"] == client.session.headers["Authorization"]
    assert office.admin_id == 1


def test_case_37_lists_and_entities_are_made_read_and_changed(client: Client) -> None:
    people = client.entity_lists.create(entity_list_name="people")
    assert [one.name for one in client.entity_lists.list()] == ["people"]
    assert client.entity_lists.add_property("age", entity_list_name="people")
    assert [one.name for one in client.entity_lists.get("people").properties or ()] == ["age"]
    assert not people.approvalRequired
    made = client.entities.create("Lan", {"age": "30"}, entity_list_name="people")
    changed = client.entities.update(
        made.uuid, entity_list_name="people", data={"age": "31"}, base_version=made.currentVersion.version
    )
    assert changed.currentVersion.data == {"age": "31"}
    with pytest.raises(PyODKError) as told:
        client.entities.update(made.uuid, entity_list_name="people", label="Mai", base_version=1)
    assert told.value.is_central_error(409.15)
    assert client.entities.create_many([{"label": "Mai", "age": "40"}], entity_list_name="people")
    assert [one.currentVersion.label for one in client.entities.list("people")] == ["Mai", "Lan"]
    assert client.entities.delete(made.uuid, entity_list_name="people")
    assert len(client.entities.list("people")) == 1


def test_case_37_a_list_is_brought_in_step_with_a_table(client: Client) -> None:
    client.entity_lists.create(entity_list_name="quốc-gia")
    before = [{"label": "Sydney", "state": "NSW"}, {"label": "Perth", "state": "WA"}]
    client.entities.merge(before, entity_list_name="quốc-gia")
    rows = [
        {"label": "Sydney", "state": "VIC", "post_code": "2000"},
        {"label": "Darwin", "state": "NT", "post_code": "0800"},
    ]
    done = client.entities.merge(
        rows, entity_list_name="quốc-gia", match_keys=["label"], delete_not_matched=True
    )
    assert (len(done.to_insert), len(done.to_update), len(done.to_delete)) == (1, 1, 1)
    table = client.entities.get_table(entity_list_name="quốc-gia")["value"]
    assert {(row["label"], row["state"], row["post_code"]) for row in table} == {
        ("Sydney", "VIC", "2000"),
        ("Darwin", "NT", "0800"),
    }
    again = client.entities.merge(rows, entity_list_name="quốc-gia", delete_not_matched=True)
    assert (again.to_insert, again.to_update, again.to_delete) == ({}, {}, {})
