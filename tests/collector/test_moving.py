"""Records of another ODK server: fetched over its wire, looked at, brought in under their ids, undone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import make_server

from collector.actions import moving
from collector.actions.fetching import Source, fetch_instances
from collector.actions.instances import Archive
from collector.actions.moving import Mover, Verdict
from collector.problems import ServerRefuses, ServerSilent
from storage.database import db, transaction
from storage.models import Batch, Form, Project, Submission, SubmissionVersion
from storage.problems import ArchiveUnreadable, BatchUndone
from storage.queries import submissions
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.v1.program import filled
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office

FORM = """
| survey |
| | type | name | label |
| | text | head | Chủ hộ |
| | image | photo | Ảnh |
| settings |
| | form_id | version |
| | ho_dan | 1 |
"""


def household(instance: str, head: str, *, photo: str = "", before: str = "", version: str = "1") -> bytes:
    """A filled form."""
    deprecated = f"<deprecatedID>{before}</deprecatedID>" if before else ""
    return (
        f'<data id="ho_dan" version="{version}"><head>{head}</head><photo>{photo}</photo>'
        f"<meta><instanceID>{instance}</instanceID>{deprecated}</meta></data>"
    ).encode()


def packed(several: Mapping[str, bytes]) -> io.BytesIO:
    """A zip of these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in several.items():
            archive.writestr(name, data)
    held.seek(0)
    return held


def bring(office: Office, archive: io.BytesIO | Path, project_id: int = 1) -> Batch:
    """Import an archive."""
    mover = Mover(project_id, office.admin_id, "cũ.zip", NOW)
    with Archive(archive) as opened:
        return moving.move_in(opened, mover, office.parts.intake, office.parts.blobs)


def here(project_id: int = 1) -> list[tuple[str, int, bool]]:
    """Ids of the live records of a project, how often each was corrected, and whether its files came."""
    rows = (
        db
        .session()
        .query(Submission)
        .join(Form, Form.id == Submission.form_id)
        .filter(Form.project_id == project_id, Submission.deleted_at.is_(None))
        .order_by(Submission.instance_id)
    )
    found = [(one.instance_id, one.edits, one.files_present == one.files_expected) for one in rows]
    db.session().rollback()
    return found


@contextmanager
def served(office: Office) -> Iterator[str]:
    """The office on a port of this machine."""
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_records_fetched_from_a_server_come_in_whole_and_go_out_again(office: Office, tmp_path: Path) -> None:
    form = office.publish(FORM)
    volunteer = Volunteer(office, form=form)
    volunteer.send(household("uuid:a", "Lò Thị A", photo="nhà.jpg"), {"nhà.jpg": JPEG})
    volunteer.send(household("uuid:b", "Vừ Văn B"))
    volunteer.send(household("uuid:b2", "Vừ Văn Bình", before="uuid:b"))
    output = tmp_path / "ho_dan.zip"
    with office.app.app_context():
        with transaction() as session:
            session.add(Project(name="Năm sau", created_at=NOW))
        office.publish(FORM, project_id=2)
        with served(office) as address:
            assert fetch_instances(Source(address, ADMIN, ADMIN_PASSWORD, 1, "ho_dan"), output, quiet) == 2
        batch = bring(office, output, project_id=2)
        assert batch.summary == {"new": 3}
        assert here(2) == [("uuid:a", 0, True), ("uuid:b", 1, True)] == here(1)
        session = db.session()
        old, new = (
            session
            .query(Submission)
            .join(Form)
            .filter(Form.project_id == number)
            .order_by(Submission.instance_id)
            for number in (1, 2)
        )
        received = [(one.instance_id, one.created_at.replace(microsecond=0)) for one in old]
        assert [(one.instance_id, one.created_at.replace(microsecond=0)) for one in new] == received
        assert [one.device_id for one in new] == ["import", "import"]
        copies = {one.xml_sha256 for one in session.query(SubmissionVersion)}
        assert len(copies) == 3, "the bytes are those of the other server"
        photo = submissions.files_of(session, submissions.current_version_of(session, new[0].id).id)
        assert photo == submissions.files_of(session, submissions.current_version_of(session, old[0].id).id)
        session.rollback()
        assert moving.undo(2, batch.id, office.admin_id, now=NOW) == 2
        assert here(2) == []
        assert len(here(1)) == 2
        with pytest.raises(BatchUndone):
            moving.undo(2, batch.id, office.admin_id, now=NOW)


def quiet(_done: int, _all: int) -> None:
    """No progress."""


def test_an_archive_is_looked_through_before_anything_is_written(office: Office) -> None:
    office.publish(FORM)
    volunteer = Volunteer(office, form=office.publish(FORM.replace("| 1 |", "| 2 |")))
    volunteer.send(household("uuid:same", "Lò Thị A"))
    volunteer.send(household("uuid:other", "Lò Thị B"))
    archive = packed({
        "instances/1/1.xml": household("uuid:same", "Lò Thị A"),
        "instances/2/2.xml": household("uuid:other", "Ai khác"),
        "instances/3/3.xml": household("uuid:new", "Vừ Thị C"),
        "instances/4/4.xml": household("uuid:new", "Vừ Thị C, lần nữa"),
        "instances/5/5.xml": household("uuid:v", "Giàng", version="9"),
        "instances/6/6.xml": filled("uuid:f", "A", 4),
        "instances/7/7.xml": b"<data id='ho_dan' version='1'>",
        "forms/ho_dan.xml": b'<h:html xmlns:h="http://www.w3.org/1999/xhtml"/>',
        "__MACOSX/instances/1/._1.xml": b"\0",
    })
    with office.app.app_context():
        with Archive(archive) as opened:
            found = moving.preview(db.session(), 1, opened)
        assert found.counts == {
            Verdict.KNOWN: 1,
            Verdict.DIFFERENT: 1,
            Verdict.NEW: 1,
            Verdict.TWICE: 1,
            Verdict.NO_VERSION: 1,
            Verdict.NO_FORM: 1,
            Verdict.UNREADABLE: 1,
        }
        assert found.by_form == {"ho_dan": 1}
        assert [one.instance.path[10] for one in found.refused] == ["2", "4", "5", "6", "7"]
        assert len(here()) == 2


def test_a_damaged_photo_keeps_only_its_own_record_out(office: Office) -> None:
    office.publish(FORM)
    made = packed({
        "i/a/a.xml": household("uuid:a", "Lò Thị A"),
        "i/a/p.jpg": b"photo" * 200,
        "i/b/b.xml": household("uuid:b", "Vừ Văn B"),
    })
    with zipfile.ZipFile(made) as written:
        at = written.getinfo("i/a/p.jpg").header_offset + 30 + len("i/a/p.jpg")
    data = bytearray(made.getvalue())
    data[at : at + 8] = b"\xff" * 8
    with office.app.app_context():
        bring(office, io.BytesIO(bytes(data)))
        assert [one[0] for one in here()] == ["uuid:b"]


def test_a_record_corrected_since_stays_when_its_import_is_undone(office: Office) -> None:
    form = office.publish(FORM)
    archive = packed({
        "i/a/a.xml": household("uuid:a", "Lò Thị A"),
        "i/b/b.xml": household("uuid:b", "Vừ Văn B"),
    })
    with office.app.app_context():
        batch = bring(office, archive)
        Volunteer(office, form=form).send(household("uuid:a2", "Lò Thị Ánh", before="uuid:a"))
        assert moving.undo(1, batch.id, office.admin_id, now=NOW) == 1
        assert here() == [("uuid:a", 1, True)]


def test_when_a_record_was_received_is_kept(office: Office) -> None:
    office.publish(FORM)
    briefcase = household("uuid:b", "B").replace(
        b"<data ", b'<data submissionDate="2024-07-02T03:04:05.000Z" '
    )
    archive = packed({
        "i/a/a.xml": household("uuid:a", "A"),
        "i/a/received.txt": b"2025-08-01T10:00:00+07:00",
        "i/b/b.xml": briefcase,
        "i/c/c.xml": household("uuid:c", "C"),
        "i/c/received.txt": b"yesterday",
    })
    with office.app.app_context():
        bring(office, archive)
        found = {one.instance_id: one.created_at for one in db.session().query(Submission)}
        assert found == {
            "uuid:a": datetime(2025, 8, 1, 3, tzinfo=UTC),
            "uuid:b": datetime(2024, 7, 2, 3, 4, 5, tzinfo=UTC),
            "uuid:c": NOW,
        }


@pytest.mark.parametrize("data", [b"", b"PK not a zip", b"\x1f\x8b tar"])
def test_what_is_no_archive(data: bytes) -> None:
    with pytest.raises(ArchiveUnreadable):
        Archive(io.BytesIO(data))


def test_a_file_that_grows_beyond_any_form_when_unpacked() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("i/a/a.xml", b" " * (11 * 1024 * 1024))
    with Archive(held) as opened:
        (found,) = opened.instances()
    assert isinstance(found.problem, ArchiveUnreadable)


def test_another_server_that_says_no_or_nothing(office: Office, tmp_path: Path) -> None:
    output = tmp_path / "none.zip"
    with served(office) as address:
        with pytest.raises(ServerRefuses) as refused:
            fetch_instances(Source(address, ADMIN, "falsch", 1, "ho_dan"), output, quiet)
        assert refused.value.details["status"] == 401
        with pytest.raises(ServerRefuses):
            fetch_instances(Source(address, ADMIN, ADMIN_PASSWORD, 1, "nowhere"), output, quiet)
    for silent in (address, "ftp://example.org", "nothing"):
        with pytest.raises(ServerSilent):
            fetch_instances(Source(silent, ADMIN, "x", 1, "ho_dan"), output, quiet)
    assert not [*tmp_path.glob("none.zip*")]


def test_on_the_desk(office: Office) -> None:
    office.publish(FORM)
    reader = Reader(office)
    archive = packed({"i/a/a.xml": household("uuid:a", "A"), "i/b/b.xml": b"no"})
    looked = Page(reader.post("/import", {"archive": (archive, "cũ.zip")}))
    assert "1would come in" in looked.main
    assert "i/b/b.xml" in looked.main
    fields = {"ticket": str(looked.find("//input[@name='ticket']")[0].get("value"))}
    assert reader.post("/import/bring", fields).status_code == 303
    page = reader.page("/import")
    assert "1 records brought in." in page.text
    action = str(page.find("//form[contains(@action, '/undo')]")[0].get("action"))
    assert reader.post(action).status_code == 303
    assert "undone" in reader.page("/import").main
    assert Page(reader.post("/import", {"archive": (io.BytesIO(b"?"), "x.zip")})).status == 400
    assert Page(reader.post("/import")).status == 400


@pytest.mark.parametrize("kind", ["digest", "ticket"])
def test_no_file_is_brought_in_that_was_not_looked_at(office: Office, tmp_path: Path, kind: str) -> None:
    office.publish(FORM)
    reader = Reader(office)
    kept = tmp_path / "backup.zip"
    kept.write_bytes(packed({"i/a/a.xml": household("uuid:a", "A")}).read())
    for name in (str(kept), "/tmp", "..", "", "a\0b", "x" * 5000, "0" * 64):  # noqa: S108 - as one would try
        assert reader.post("/import/bring", {kind: name, "name": "x.zip"}).status_code == 400
    with office.app.app_context():
        assert here() == []
