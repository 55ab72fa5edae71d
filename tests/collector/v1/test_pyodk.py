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


def test_files_of_submissions_are_had(office: Office, client: Client) -> None:
    form = office.publish(asked("f", "1", "photo:binary"), filename="f.xml")
    xml = answered("f", "1", "<photo>p.jpg</photo>", instance_id="uuid:1")
    Volunteer(office, form=form).send(xml, {"p.jpg": JPEG})
    assert client.get("projects/1/forms/f/submissions/uuid%3A1/attachments/p.jpg").content == JPEG


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
