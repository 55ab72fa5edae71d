"""How a submission is taken: durably before it is confirmed, by the right form, while nobody else waits."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from collector import parcels
from storage.blobs.bucket import Bucket
from storage.database import db, transaction
from storage.models import Form, Project, Submission
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer, message, new_id
from tests.kept import kept, looking, record, rows, staged_files
from tests.office import ADMIN, NOW, Office
from tests.phone import Phone, SendFailed, in_process
from tests.phone_upload import Upload
from tests.quick import SERVERS_ENGINE

FORM = asked("house", "1", "head photo:binary")


def house(instance_id: str, answers: str = "<head>A</head>", version: str = "1") -> bytes:
    return answered("house", version, answers, instance_id=instance_id)


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody whose phone has the form of a house."""
    return Volunteer(office, form=office.publish(FORM, filename="house.xml"))


class Diary:
    """What the server does to its disk and its database, in order."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: list[str] = []
        sync, replace, commit = os.fsync, os.replace, psycopg.Connection.commit

        def noted_sync(handle: int) -> None:
            sync(handle)
            path = Path(f"/proc/self/fd/{handle}").readlink()
            self.lines.append(f"sync {'folder' if path.is_dir() else 'file'}")

        def noted_replace(*paths: Any) -> None:
            replace(*paths)
            self.lines.append("rename")

        def noted_commit(connection: psycopg.Connection[Any]) -> None:
            commit(connection)
            self.lines.append("commit")

        put = Bucket.put

        def noted_put(*args: Any, **more: Any) -> None:
            put(*args, **more)
            self.lines.append("in the bucket")

        monkeypatch.setattr(Bucket, "put", noted_put)
        monkeypatch.setattr(os, "fsync", noted_sync)
        monkeypatch.setattr(os, "replace", noted_replace)
        monkeypatch.setattr(psycopg.Connection, "commit", noted_commit)
        with office.app.app_context():
            event.listen(db.engine, "checkout", self._listen)

    def _listen(self, connection: Any, *_: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(self._note)

    def _note(self, statement: str) -> None:
        if statement == "COMMIT":
            self.lines.append("commit")


def test_files_and_folders_are_synced_before_the_commit_and_the_commit_before_the_answer(
    volunteer: Volunteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary = Diary(volunteer.office, monkeypatch)
    upload = Upload(house(new_id(), "<photo>p.jpg</photo>"), {"p.jpg": JPEG}, xml_name="a.xml")
    environ = EnvironBuilder(
        volunteer.path, method="POST", data=upload.read(), content_type=upload.content_type
    ).get_environ()
    volunteer.post(house(new_id()))
    diary.lines.clear()

    def answering(status: str, _headers: object, _error: object = None) -> Any:
        diary.lines.append(f"answer {status[:3]}")
        return lambda _data: None

    list(volunteer.office.app.wsgi_app(environ, answering))
    disk = volunteer.office.settings.blobs_url.startswith("file:")
    stored = ["sync file", "rename", "sync folder"] if disk else ["in the bucket"]
    assert diary.lines == [*stored, "commit", "answer 201"]


def test_every_connection_to_sqlite_writes_ahead_and_syncs_fully(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.core.prepare_engine", SERVERS_ENGINE)
    office = Office(tmp_path / "home", f"sqlite:///{tmp_path / 'collector.db'}")
    with office.app.app_context():
        several = [db.engine.raw_connection() for _ in range(3)]
        for one in several:
            asked_for = {name: one.cursor().execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
            assert asked_for == PRAGMAS
            one.close()
    office.close()


PRAGMAS: dict[str, object] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 30000,
}


class Watched:
    """A body that comes in pieces; at each of them it looks how many connections are in use."""

    def __init__(self, office: Office, body: bytes) -> None:
        self.in_use: list[int] = []
        with office.app.app_context():
            self._pool: Any = db.engine.pool
        self._pieces = self._read(body)

    def _read(self, body: bytes) -> Iterator[bytes]:
        yield body[:50]
        yield body[50:]

    def read(self, _count: int = -1) -> bytes:
        """The next piece."""
        self.in_use.append(self._pool.checkedout())
        return next(self._pieces, b"")

    def readinto(self, room: bytearray) -> int:
        """The same."""
        piece = self.read()
        room[: len(piece)] = piece
        return len(piece)


def arriving(path: str, upload: Upload, line: object, **more: object) -> dict[str, Any]:
    """The environment of a post whose body comes over `line`."""
    environ = EnvironBuilder(path, method="POST").get_environ()
    return environ | {
        "CONTENT_TYPE": upload.content_type,
        "CONTENT_LENGTH": str(len(upload)),
        "wsgi.input": line,
        "wsgi.input_terminated": True,
        **more,
    }


def test_no_connection_to_the_database_waits_for_a_slow_phone(volunteer: Volunteer) -> None:
    office = volunteer.office
    token = office.session_token()
    draft = office.draft(asked("house", "2", "head"), filename="house.xml")
    test = f"/v1/test/{office.draft_token(draft)}/projects/1/forms/house/draft/submission"
    for path, version in ((volunteer.path, "1"), ("/v1/projects/1/submission", "1"), (test, "2")):
        upload = Upload(house(new_id(), version=version), {}, xml_name="a.xml")
        watched = Watched(office, upload.read())
        who = {"HTTP_X_OPENROSA_VERSION": "1.0", "HTTP_AUTHORIZATION": f"Bearer {token}"}
        environ = arriving(path, upload, watched, **who)
        body, status, _headers = run_wsgi_app(office.app.wsgi_app, environ, buffered=True)
        assert status.startswith("201"), b"".join(body)
        assert set(watched.in_use) == {0}, path


def test_a_phone_that_falls_silent_is_not_waited_for_for_ever(
    volunteer: Volunteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "PATIENCE", 0.1)
    upload = Upload(house(new_id(), "<photo>p.jpg</photo>"), {"p.jpg": JPEG * 100}, xml_name="a.xml")
    server, phone = socket.socketpair()
    with server, phone, server.makefile("rb") as line:
        phone.sendall(upload.read(len(upload) // 2))
        environ = arriving(volunteer.path, upload, line, **{"gunicorn.socket": server})
        _body, status, _headers = run_wsgi_app(volunteer.office.app.wsgi_app, environ, buffered=True)
    assert status.startswith("400")
    assert staged_files(volunteer.office) == []
    assert kept(volunteer.office).submissions == 0


# The same form id in two projects, at the plain address ------------------------------------------------


@pytest.fixture
def two_projects(office: Office) -> tuple[Form, Form]:
    """The form of a house in both; project 2 has a version 2 besides."""
    with office.app.app_context(), transaction() as session:
        session.add(Project(name="Khảo sát 2", created_at=NOW))
    first = office.publish(FORM, filename="house.xml")
    second = office.publish(FORM, filename="house.xml", project_id=2)
    office.publish(asked("house", "2", "head"), filename="house.xml", project_id=2)
    return first, second


def by_hand(office: Office) -> Phone:
    """A Collect set up with an address and a password."""
    password = office.collect_password()
    return Phone("http://survey.example", username=ADMIN, password=password, session=in_process(office.app))


def home_of(office: Office, instance_id: str) -> list[int]:
    """The forms that have that record."""
    with looking(office) as session:
        query = select(Submission.form_id).where(Submission.instance_id == instance_id)
        return list(session.scalars(query))


def test_at_the_root_a_record_goes_where_its_version_is_and_stays_there(
    office: Office, two_projects: tuple[Form, Form]
) -> None:
    first, second = two_projects
    phone, a, b, c = by_hand(office), new_id(), new_id(), new_id()
    phone.send(house(a))
    phone.send(house(b, version="2"))
    assert home_of(office, a) == [first.id]
    assert home_of(office, b) == [second.id]
    office.set_state(first, "closed")
    phone.send(house(a))
    phone.send(house(c))
    assert home_of(office, a) == [first.id]
    assert home_of(office, c) == [second.id]
    office.set_state(first, "open")
    phone.send(house(c))
    phone.send(answered("house", "1", "<head>E</head>", instance_id=new_id(), replaces=c))
    assert home_of(office, c) == [second.id]
    assert rows(office, second)[-1]["/head"] == "E"
    assert kept(office).submissions == 3


def test_a_form_that_is_closed_everywhere_is_told_so(office: Office, two_projects: tuple[Form, Form]) -> None:
    for form in two_projects:
        office.set_state(form, "closed")
    with pytest.raises(SendFailed) as failed:
        by_hand(office).send(house(new_id()))
    assert failed.value.status == 409


# A draft under test ------------------------------------------------------------------------------------


def test_a_draft_takes_any_version_apart_from_the_form_and_is_emptied_by_publishing(
    volunteer: Volunteer,
) -> None:
    office, instance = volunteer.office, new_id()
    volunteer.send(house(instance))
    draft = office.draft(asked("house", "2", "head boat"), filename="house.xml")
    address = f"/v1/test/{office.draft_token(draft)}/projects/1/forms/house/draft"
    phone = Phone(f"http://survey.example{address}", session=in_process(office.app))
    for version in ("1", "2", "not yet known"):
        phone.send(house(instance if version == "1" else new_id(), "<boat>x</boat>", version))
    assert [row["/boat"] for row in rows(office, draft, draft=True)] == ["x", "x", "x"]
    assert record(office, instance, draft=True).id != record(office, instance).id
    assert len(rows(office, volunteer.form)) == 1
    office.publish(asked("house", "2", "head boat"), filename="house.xml")
    with pytest.raises(SendFailed) as failed:
        phone.send(house(new_id(), version="2"))
    assert failed.value.status == 404
    assert kept(office).submissions == 1
    assert kept(office).findings == 0
    assert [row["/boat"] for row in rows(office, volunteer.form)] == [None]


def test_another_form_is_not_taken_by_a_drafts_address(volunteer: Volunteer) -> None:
    office = volunteer.office
    draft = office.draft(asked("boat", "1", "name"), filename="boat.xml")
    upload = Upload(house(new_id()), {}, xml_name="a.xml")
    response = office.client().post(
        f"/v1/test/{office.draft_token(draft)}/projects/1/forms/boat/draft/submission",
        data=upload.read(),
        content_type=upload.content_type,
    )
    assert response.status_code == 404
    assert message(response)
    assert kept(office).submissions == 0
