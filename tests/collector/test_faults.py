"""When something fails: what the phone, the officer and the log see, and that it recovers by itself."""

from __future__ import annotations

import logging
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, event, select

from collector import parcels
from collector.actions import auditing
from collector.actions.examined import machine
from collector.actions.examined.finding import Patient
from collector.clock import moment
from storage.auditing import sealing
from storage.blobs.staging import told
from storage.database import db, prepare_engine, transaction
from storage.migrate import migrate, step_back
from storage.models import FailedSignIn, LoginSession, Submission
from storage.problems import StoreFailed
from storage.queries import actors, sign_ins
from storage.shape import State, shape_of
from storage.store_problems import StoreAway, StoreFull
from storage.swift import Line
from tests.asked import answered, asked
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import JPEG, Volunteer, message, new_id
from tests.kept import looking
from tests.office import Office

FORM = asked("faults", "1", "head photo:binary")
YEAR = timedelta(days=365)


@pytest.fixture(scope="module")
def volunteer(kept_office: Office) -> Volunteer:
    return Volunteer(kept_office, form=kept_office.publish(FORM, filename="faults.xml"))


def faulty(instance_id: str) -> bytes:
    return answered("faults", "1", "<head>A</head><photo>p.jpg</photo>", instance_id=instance_id)


def kept(office: Office, instance_id: str) -> int:
    """How many records there are of that id."""
    with looking(office) as session:
        query = select(Submission.id).where(Submission.instance_id == instance_id)
        return len(session.scalars(query).all())


@contextmanager
def database_away(office: Office) -> Iterator[None]:
    """No connection can be made, and those there were are gone."""
    with office.app.app_context():
        engine = db.engine

    def refuse(*_: object) -> Any:
        if engine.dialect.name == "sqlite":
            raise sqlite3.OperationalError("unable to open database file")
        raise psycopg.OperationalError("connection refused")

    engine.dispose()
    event.listen(engine, "do_connect", refuse)
    try:
        yield
    finally:
        event.remove(engine, "do_connect", refuse)


def test_while_the_database_is_away_all_are_told_and_nothing_is_lost(
    volunteer: Volunteer, caplog: pytest.LogCaptureFixture
) -> None:
    office, instance = volunteer.office, new_id()
    officer = Reader(office)
    with database_away(office), caplog.at_level(logging.ERROR):
        phone = volunteer.post(faulty(instance), {"p.jpg": JPEG})
        page = officer.get("/")
    assert (phone.status_code, phone.headers["Retry-After"]) == (503, "60")
    assert "cơ sở dữ liệu" in message(phone).lower()
    assert page.status_code == 503
    assert page.headers["X-Request-Id"] in page.get_data(as_text=True)
    assert "the database does not answer: OperationalError" in caplog.text
    assert volunteer.post(faulty(instance), {"p.jpg": JPEG}).status_code == 201
    assert kept(office, instance) == 1
    assert officer.get("/").status_code == 200


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (StoreFull(), "đã hết chỗ trống"),
        (StoreAway(), "chưa liên lạc được với nơi lưu ảnh và tệp"),
        (StoreFailed(), "đang gặp trục trặc"),
    ],
    ids=["full", "away", "failing"],
)
def test_while_files_cannot_be_kept_a_phone_is_told_why_and_to_come_again(
    volunteer: Volunteer, monkeypatch: pytest.MonkeyPatch, why: StoreFailed, said: str
) -> None:
    office, instance = volunteer.office, new_id()

    def failing(_store: object, _staged: object) -> None:
        raise why

    with monkeypatch.context() as away:
        away.setattr(type(office.parts.blobs), "keep", failing)
        phone = volunteer.post(faulty(instance), {"p.jpg": JPEG})
    assert (phone.status_code, phone.headers["Retry-After"]) == (503, "60")
    assert said in message(phone)
    assert "thử lại" in message(phone)
    assert kept(office, instance) == 0
    assert volunteer.post(faulty(instance), {"p.jpg": JPEG}).status_code == 201


def test_a_disk_without_room_is_known_by_what_the_system_says() -> None:
    with pytest.raises(StoreFull), told(), Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"a")
    with pytest.raises(StoreFailed) as other, told():
        Path("/proc/self").joinpath("none", "a").open("wb")
    assert type(other.value) is StoreFailed


@contextmanager
def database_full(office: Office, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite may not grow; PostgreSQL says at the end what it says when its disk is full."""
    with office.app.app_context():
        engine = db.engine

    def bounded(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    def refuse(line: Line) -> None:
        raise line.said(psycopg.errors.DiskFull("could not extend file"))

    if engine.dialect.name != "sqlite":
        with patch.context() as full:
            full.setattr(Line, "commit", refuse)
            yield
        return
    event.listen(engine, "connect", bounded)
    office.close()
    try:
        yield
    finally:
        event.remove(engine, "connect", bounded)
        office.close()


def test_while_the_database_has_no_room_nobody_is_told_that_it_is_away(
    volunteer: Volunteer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, instance = volunteer.office, new_id()
    long = answered("faults", "1", f"<head>{secrets.token_hex(100_000)}</head>", instance_id=instance)
    with database_full(office, monkeypatch), caplog.at_level(logging.ERROR):
        phone = volunteer.post(long, {})
    assert (phone.status_code, phone.headers["Retry-After"]) == (503, "60")
    assert "đã hết chỗ trống" in message(phone)
    assert re.search("the database has no room: (OperationalError|DiskFull)", caplog.text)
    assert kept(office, instance) == 0
    assert volunteer.post(long, {}).status_code == 201
    assert kept(office, instance) == 1


# A clock that is wrong ----------------------------------------------------------------------------


def test_what_came_while_the_clock_was_ahead_stays_whole(
    volunteer: Volunteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, ahead, after = volunteer.office, new_id(), new_id()
    with monkeypatch.context() as wrong:
        wrong.setattr(parcels, "moment", lambda: moment() + YEAR)
        assert volunteer.post(faulty(ahead), {"p.jpg": JPEG}).status_code == 201
    assert volunteer.post(faulty(ahead), {"p.jpg": JPEG}).status_code == 201
    with office.app.app_context():
        patient = Patient(db.session(), office.parts.blobs, office.settings, moment(), {})
        assert "a submission came at" in machine.clock(patient).told
        db.session.rollback()
    assert volunteer.post(faulty(after), {"p.jpg": JPEG}).status_code == 201
    assert (kept(office, ahead), kept(office, after)) == (1, 1)
    with office.app.app_context():
        auditing.keep_up(moment())
        looked = sealing.look_through(db.session(), lambda _done, _all: None)
        assert (looked.broken, looked.outside, looked.lost) == (None, 0, 0)


def test_a_clock_that_was_ahead_locks_nobody_out_and_leaves_no_door_open(kept_office: Office) -> None:
    now = moment()
    with kept_office.app.app_context():
        with transaction() as session:
            session.add_all(FailedSignIn(attempt="x", created_at=now + YEAR) for _ in range(20))
            made = LoginSession(
                token_hash="ahead",
                csrf="",
                actor_id=kept_office.admin_id,
                created_at=now + YEAR,
                expires_at=now + YEAR + timedelta(days=1),
            )
            session.add(made)
        minutes = timedelta(minutes=15)
        assert sign_ins.failures(db.session(), "x", since=now - minutes, until=now + minutes) == 0
        assert actors.session_by_token(db.session(), "ahead", now) is None
        assert actors.session_by_token(db.session(), "ahead", now + YEAR) is not None
        with transaction() as session:
            session.query(FailedSignIn).delete()
            session.delete(session.merge(made))


# A migration that was killed ----------------------------------------------------------------------


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = _opened(database_url)
    yield made
    made.dispose()


def _opened(url: str) -> Engine:
    made = create_engine(url)
    prepare_engine(made)
    return made


def test_a_migration_that_is_killed_before_its_end_never_was(engine: Engine) -> None:
    migrate(engine)
    step_back(engine, "0010")
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    child = os.fork()
    if not child:
        _die_at_the_end(url)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert (shape_of(engine).state, shape_of(engine).there) == (State.OLDER, "0010")
    # The next start does it from the beginning.
    assert migrate(engine)
    assert shape_of(engine).state is State.CURRENT


def _die_at_the_end(url: str) -> None:
    """All steps are done, and the process is gone before they are committed."""
    try:
        dying = _opened(url)
        event.listen(dying, "commit", lambda _connection: os._exit(9))
        migrate(dying)
    finally:
        os._exit(1)
