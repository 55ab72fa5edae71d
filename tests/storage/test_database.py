"""A transaction is whole or nothing, and writers to SQLite take turns, in one process or in several."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from storage.database import (
    db,
    is_clash,
    release_connections,
    swift_reading,
    swift_transaction,
    transaction,
)
from storage.models import Blob, Project
from storage.problems import FormNotFound
from storage.swift import Swift
from tests.copies import fresh_database
from tests.office import NOW, Office, opened

BLOBS = Blob.__table__
ENTER = Swift(
    insert(BLOBS).values({  # type: ignore[arg-type]  # a Table, which the stubs call FromClause
        name: bindparam(name, type_=BLOBS.c[name].type) for name in ("sha256", "md5", "size", "created_at")
    })
)


class Trouble(Exception):
    """Something in the middle of a transaction."""


def names() -> list[str]:
    """The projects there are, as somebody else sees them."""
    with db.engine.connect() as connection:
        return list(connection.scalars(select(Project.name).order_by(Project.id)))


def entered() -> int:
    with db.engine.connect() as connection:
        return len(connection.execute(select(Blob.sha256)).all())


def blob(name: str) -> dict[str, object]:
    return {"sha256": name, "md5": None, "size": 1, "created_at": NOW}


def test_a_transaction_is_written_when_it_ends_and_not_before(office: Office) -> None:
    with office.app.app_context():
        with transaction() as session:
            session.add(Project(name="B", created_at=NOW))
            session.flush()
            assert names() == ["Khảo sát"]
        assert names() == ["Khảo sát", "B"]


def test_nothing_of_a_transaction_stays_when_it_fails(office: Office) -> None:
    with office.app.app_context():
        for trouble in (Trouble, KeyboardInterrupt):
            with pytest.raises(trouble):
                _begin_a_project(trouble)
        with transaction() as session:
            session.add(Project(name="C", created_at=NOW))
        assert names() == ["Khảo sát", "C"]


def _begin_a_project(trouble: type[BaseException]) -> None:
    with transaction() as session:
        session.add(Project(name="B", created_at=NOW))
        session.flush()
        raise trouble


def _enter(*several: str, trouble: Exception | None = None) -> None:
    with swift_transaction() as line:
        for one in several:
            ENTER.many(line, [blob(one)])
        assert entered() == 0
        if trouble is not None:
            raise trouble


def test_a_swift_transaction_is_whole_or_nothing_too(office: Office) -> None:
    with office.app.app_context():
        with pytest.raises(Trouble):
            _enter("a", trouble=Trouble())
        with pytest.raises(IntegrityError):
            _enter("a", "b", "a")
        assert entered() == 0
        _enter("a")
        assert entered() == 1
        with swift_reading() as line:
            found = Swift(select(BLOBS.c.size)).one(line, {})
        assert found == (1,)


def test_a_connection_that_is_lost_inside_is_told_as_the_database_being_away(office: Office) -> None:
    def lose() -> None:
        with swift_transaction() as line:
            line.connection.dbapi_connection.close()  # type: ignore[union-attr]  # it is there until then
            ENTER.many(line, [blob("a" * 64)])

    with office.app.app_context():
        # What SQLAlchemy raises is answered 503; the driver's own word for it would be a 500.
        with pytest.raises(DBAPIError):
            lose()
        with swift_transaction() as line:
            ENTER.many(line, [blob("b" * 64)])
        assert entered() == 1


def test_writers_to_sqlite_share_one_connection_until_something_fails(tmp_path: Path, shelf: Path) -> None:
    def used() -> sqlite3.Connection:
        with swift_transaction() as line:
            return cast("sqlite3.Connection", line.connection.dbapi_connection)

    with fresh_database("sqlite", tmp_path, shelf, opened) as url:
        office = Office(tmp_path / "home", url)
        with office.app.app_context():
            first = used()
            with pytest.raises(FormNotFound):
                _enter("a", trouble=FormNotFound(form="house"))
            # Phones that send to a closed form all day must not cost a connection each.
            assert used() is first
            with pytest.raises(Trouble):
                _enter("a", trouble=Trouble())
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                first.cursor()
            second = used()
            assert used() is second
            release_connections()
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                second.cursor()
            _enter("a")
            assert entered() == 1
        office.close()


def test_what_was_read_before_is_let_go(office: Office) -> None:
    with office.app.app_context():
        assert db.session.scalars(select(Project.name)).all() == ["Khảo sát"]
        with db.engine.connect().execution_options(collector_writes=True) as other, other.begin():
            other.execute(insert(Project).values(name="B", created_at=NOW, forms_stamp=1))
        with transaction() as session:
            assert len(session.scalars(select(Project.name)).all()) == 2


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(office: Office) -> None:
    moments = (
        datetime(2026, 8, 3, 9, 0, 0, 123_000, tzinfo=timezone(timedelta(hours=7))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    )
    with office.app.app_context():
        for moment in moments:
            with transaction() as session:
                session.get_one(Project, 1).created_at = moment
            found = db.session.scalars(select(Project.created_at)).one()
            assert found == moment
            assert found.tzinfo is UTC
            db.session.rollback()


def test_which_failures_are_worth_another_try() -> None:
    class Told(Exception):
        def __init__(self, state: str) -> None:
            self.sqlstate = state

    assert is_clash(IntegrityError("", {}, Trouble()))
    assert is_clash(OperationalError("", {}, Told("40P01")))
    assert is_clash(OperationalError("", {}, Told("40001")))
    assert not is_clash(OperationalError("", {}, Told("57P01")))
    assert not is_clash(OperationalError("", {}, Trouble()))


COUNT = """
import sys
from flask import Flask
from storage.database import db, prepare_engine, transaction
from storage.models import Project
app = Flask("writer")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
db.init_app(app)
with app.app_context():
    prepare_engine(db.engine)
    for _ in range(40):
        with transaction() as session:
            project = session.get_one(Project, 1, with_for_update=True)
            project.forms_stamp += 1
"""


def test_writers_in_several_processes_lose_nothing(office: Office) -> None:
    with office.app.app_context():
        before = db.session.scalars(select(Project.forms_stamp)).one()
        db.session.remove()
    counting = [sys.executable, "-c", COUNT, office.settings.database_url]
    several = [subprocess.Popen(counting, cwd=Path(__file__).parents[2]) for _ in range(3)]
    assert [one.wait(120) for one in several] == [0, 0, 0]
    with office.app.app_context():
        assert db.session.scalars(select(Project.forms_stamp)).one() == before + 120


def test_everybody_gets_his_turns(tmp_path: Path, shelf: Path) -> None:
    taken: list[int] = []
    with fresh_database("sqlite", tmp_path, shelf, opened) as url:
        office = Office(tmp_path / "home", url)

        def write(me: int) -> None:
            with office.app.app_context():
                while len(taken) < 480:
                    with transaction() as session:
                        session.get_one(Project, 1).forms_stamp += 1
                        taken.append(me)
                        # Whoever asks the database itself for a turn would miss nearly every one.
                        time.sleep(0.002)

        threads = [threading.Thread(target=write, args=(me,)) for me in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        office.close()
    turns = Counter(taken)
    # 40 would be his share.
    assert min(turns[me] for me in range(12)) >= 10, turns


def test_readers_and_a_writer_do_not_wait_for_each_other(tmp_path: Path) -> None:
    office = Office(tmp_path / "home", f"sqlite:///{tmp_path / 'collector.db'}")
    with office.app.app_context():
        with db.engine.connect() as reader:
            assert len(reader.execute(select(Project.name)).all()) == 1
            with transaction() as session:
                session.add(Project(name="B", created_at=NOW))
            # The reader goes on in the moment it began.
            assert len(reader.execute(select(Project.name)).all()) == 1
        assert names() == ["Khảo sát", "B"]
    office.close()
