"""Encrypted records on the server (conformance 80): kept whole, counted nowhere, read with the key."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from collector import cli
from storage.database import Base
from storage.models import EncryptedRecord, Entity, Finding, Form, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.rebuild import Rebuild
from storage.queries import submissions
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.v1.program import Program
from tests.encrypting import Sealed, private_pem, public_text, sealed
from tests.kept import looking
from tests.office import Office

FORM = f"""
| survey |
| | type | name | label | save_to |
| | text | head | Chủ hộ | head |
| | image | photo | Ảnh | |
| | audit | audit | | |
| | begin_repeat | member | Người | |
| | text | name | Tên | |
| | end_repeat | | | |
| entities |
| | list_name | label |
| | ho | ${{head}} |
| settings |
| | form_title | form_id | version | public_key |
| | Hộ | ho_kin | 1 | {public_text()} |
"""
AT = "projects/1/forms/ho_kin"
LOG = b"event,node,start,end\nform start,,1785722400000,\n"


def plain(number: int, *, photo: str = "") -> bytes:
    """What the phone encrypts."""
    audit = "<orx:audit>audit.csv</orx:audit>" if photo else ""
    return f"""<data id="ho_kin" version="1" xmlns:orx="http://openrosa.org/xforms">
    <head>Lò Văn {number}</head>
    <photo>{photo}</photo><member><name>Vàng</name></member><member><name>Giàng</name></member>
    <orx:meta><orx:instanceID>uuid:{number}</orx:instanceID>{audit}</orx:meta></data>""".encode()


def secret(number: int, *, photo: str = "") -> Sealed:
    """One record as it travels, with its photo and the log of its filling in."""
    media = {photo: JPEG, "audit.csv": LOG} if photo else {}
    return sealed(("ho_kin", "1"), f"uuid:{number}", plain(number, photo=photo), media)


@pytest.fixture
def form(office: Office) -> Form:
    """The form, on the phones."""
    return office.publish(FORM)


@pytest.fixture
def volunteer(office: Office, form: Form) -> Volunteer:
    """Somebody with a phone."""
    return Volunteer(office, form=form)


def send(volunteer: Volunteer, record: Sealed) -> None:
    """All of it."""
    volunteer.send(record.envelope, record.files)


def test_the_envelope_and_its_files_are_kept_and_nothing_else(
    office: Office, volunteer: Volunteer, form: Form
) -> None:
    record = secret(1, photo="p.jpg")
    # After a crash Collect sends the photo in the clear too; nobody asked for it.
    volunteer.send(record.envelope, {**record.files, "p.jpg": JPEG})
    with looking(office) as session:
        found = session.scalars(select(Submission)).one()
        version = submissions.current_version_of(session, found.id)
        assert submissions.stored_xml(session, version.id)[0] == record.envelope
        assert list(submissions.files_of(session, version.id)) == [
            "p.jpg.enc", "audit.csv.enc", "submission.xml.enc",
        ]  # fmt: skip
        assert (found.files_expected, found.files_present) == (3, 3)
        for table in answer_tables(session, form.id, draft=False).values():
            assert session.scalar(select(func.count()).select_from(table.table)) == 0
        assert session.scalars(select(Entity)).all() == []
        assert set(session.scalars(select(Finding.check))) >= {"encrypted"}
        noted = session.scalars(select(EncryptedRecord)).one()
        assert (noted.form_file, noted.form_version_id) == ("submission.xml.enc", form.current_id)
    assert volunteer.post(record.envelope, {"p.jpg.enc": record.files["p.jpg.enc"]}).status_code == 201


def test_without_an_instance_id_it_is_refused(volunteer: Volunteer) -> None:
    assert volunteer.post(secret(1).envelope.replace(b"uuid:1", b"")).status_code == 400


def test_lists_exports_and_odata_show_them_as_central_does(
    office: Office, volunteer: Volunteer, form: Form
) -> None:
    program = Program(office)
    send(volunteer, secret(1))
    volunteer.post(secret(2).envelope)
    volunteer.send(plain(3))
    lines = list(csv.DictReader(io.StringIO(program.ask("GET", f"{AT}/submissions.csv").text)))
    assert [(one["KEY"], one["Status"], one["head"]) for one in lines] == [
        ("uuid:3", "", "Lò Văn 3"),
        ("uuid:2", "missing encrypted form data", ""),
        ("uuid:1", "not decrypted", ""),
    ]
    rows = program.get(f"{AT}.svc/Submissions?$expand=*")["value"]
    assert [(one["__id"], one["__system"]["status"], one["head"]) for one in rows] == [
        ("uuid:3", None, "Lò Văn 3"),
        ("uuid:2", "missingEncryptedFormData", None),
        ("uuid:1", "notDecrypted", None),
    ]
    chosen = program.get(f"{AT}.svc/Submissions?$filter=__system/status eq 'notDecrypted'")["value"]
    assert [one["__id"] for one in chosen] == ["uuid:1"]
    first = program.get(f"{AT}.svc/Submissions?$top=2")
    rest = program.get(first["@odata.nextLink"].partition("/v1/")[2])
    assert [one["__id"] for one in first["value"] + rest["value"]] == ["uuid:3", "uuid:2", "uuid:1"]
    assert len(program.get(f"{AT}/submissions")) == 3
    [key] = program.get(f"{AT}/submissions/keys")
    assert (key["id"], key["public"], key["managed"]) == (form.current_id, public_text(), False)
    assert "uuid:1" in Reader(office).page("/surveys/ho_kin/submissions").main


def test_a_rebuild_and_a_purge_leave_nothing_odd(office: Office, volunteer: Volunteer, form: Form) -> None:
    send(volunteer, secret(1))
    with office.app.app_context():
        assert Rebuild(form.id, office.parts.blobs).run() == 1
    with looking(office) as session:
        root = answer_tables(session, form.id, draft=False)[""].table
        assert session.scalar(select(func.count()).select_from(root)) == 0
        assert (
            session.scalar(select(func.count()).select_from(Base.metadata.tables["encrypted_records"])) == 1
        )


def run(office: Office, *args: object) -> Result:
    """The command, beside the server of the test."""
    return CliRunner().invoke(cli.main, [str(arg) for arg in args], env=dict(office.environment))


def test_who_holds_the_key_reads_everything(office: Office, volunteer: Volunteer, tmp_path: Path) -> None:
    send(volunteer, secret(1, photo="p.jpg"))
    volunteer.post(secret(2).envelope)
    volunteer.send(plain(3))
    cut = secret(4)
    volunteer.send(cut.envelope, {"submission.xml.enc": cut.files["submission.xml.enc"][:-3]})
    key, output = tmp_path / "k.pem", tmp_path / "o.zip"
    key.write_bytes(private_pem())
    done = run(office, "decrypt", "--project", 1, "--form", "ho_kin", "--key", key, "--output", output)
    assert done.exit_code == 1
    assert "2 submissions of ho_kin written" in done.output
    assert "1 could not be read (missing encrypted form data): uuid:2" in done.output
    assert "1 could not be read (not decrypted): uuid:4" in done.output
    with zipfile.ZipFile(output) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["ho_kin.csv", "ho_kin-member.csv", "media/p.jpg", "ho_kin - audit.csv"]
        assert archive.read("media/p.jpg") == JPEG
        lines = list(csv.DictReader(io.TextIOWrapper(archive.open("ho_kin.csv"), "utf-8")))
        assert b"Gi\xc3\xa0ng" in archive.read("ho_kin-member.csv")
        assert b"uuid:1,form start" in archive.read("ho_kin - audit.csv")
    assert [(one["KEY"], one["head"], one["photo"], one["Status"]) for one in lines] == [
        ("uuid:4", "", "", "not decrypted"),
        ("uuid:3", "Lò Văn 3", "", ""),
        ("uuid:2", "", "", "missing encrypted form data"),
        ("uuid:1", "Lò Văn 1", "p.jpg", ""),
    ]
    key.write_bytes(private_pem(1))
    refused = run(office, "decrypt", "--project", 1, "--form", "ho_kin", "--key", key, "--output", output)
    assert "2 could not be read (not decrypted): uuid:4, uuid:1" in refused.output
