"""The database handle, and `transaction()`: the only commit in the code base.

Knows: Flask-SQLAlchemy, and what SQLite needs to be as safe as PostgreSQL.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import DateTime, Engine, MetaData, event, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from forms.problems import Problem
from forms.vietnamese import folded
from storage.alive import look_before_use
from storage.pulse import Pulse
from storage.scope import current
from storage.swift import Line, Swift, said

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The parent of every model."""

    metadata = MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """A point in time, UTC in the database, aware in Python; precise to the millisecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware datetime in, what the database keeps out."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def bind_processor(self, dialect: Dialect) -> Any:
        """The same in one step for SQLite, which keeps text: every answer brings several."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Aware UTC datetime out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    return (
        None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    )


class CarefulSession(FlaskSession):
    """A session that shows nobody what it holds for others (see `storage.scope`)."""

    def get(self, entity: Any, ident: Any, **more: Any) -> Any:
        """The row of that key, or None; asked for anew where somebody sees only his places."""
        if not current().whole:
            more["populate_existing"] = True
        return super().get(entity, ident, **more)


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": CarefulSession})


class _WriterQueue:
    """One writer at a time on SQLite: first in, first served, across threads and processes.

    SQLite's own waiting is a lottery of sleeps; a queue in front of `BEGIN IMMEDIATE` keeps the
    slowest request near the median. Who has the turn finds the connection of the one before: to take
    one from the pool and give it back costs as much as two statements.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._handle: BinaryIO | None = None
        self._line: Line | None = None
        self._process = 0

    def close(self) -> None:
        """Let go of the file, and of the connection."""
        with self._threads:
            self._let_go()
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self._threads:
            # A handle from before a fork would share its lock with the parent and keep nobody out.
            if self._handle is None or self._process != os.getpid():
                self._handle, self._process, self._line = self._path.open("ab"), os.getpid(), None
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    @contextmanager
    def line(self, engine: Engine) -> Iterator[Line]:
        """A transaction of whoever has the turn; after a fault the next one gets another connection."""
        if self._line is None:
            self._line = _line_from(engine)
            # Held for as long as the process lives: it is none of those the pool has to give.
            self._line.connection.detach()
        line = self._line
        try:
            _BEGIN_WRITING.many(line, [{}])
            yield line
            line.commit()
        except BaseException as error:
            # What is refused says nothing against the connection.
            if not (isinstance(error, Problem) and line.take_back()):
                self._let_go()
            raise

    def _let_go(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.take_back()
            line.connection.close()


def prepare_engine(engine: Engine) -> None:
    """Make a SQLite engine durable, strict and explicit about its transactions; PostgreSQL is so already."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _speak_utc)
        look_before_use(engine)
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver would otherwise open transactions by itself, and never around DDL.
        connection.isolation_level = None
        # For searches without accents; PostgreSQL does it by itself.
        connection.create_function("folded", 1, _folded, deterministic=True)
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout=30000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            # What is deleted is overwritten: whoever has somebody erased means the file too.
            "secure_delete=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
            # Pages that every submission changes are copied into the database once for many of them.
            "wal_autocheckpoint=4000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("collector_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _folded(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _speak_utc(connection: Any, _record: object) -> None:
    # Elsewhere the last hours of the year 9999 are in the year 10000, which Python cannot read.
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    connection.commit()


@contextmanager
def transaction(*, noticed: bool = True) -> Iterator[Session]:
    """Everything inside is written together and durably, or not at all.

    Yields the session; commits when the block ends, rolls back when it raises. Reads made before
    it in the same request are let go first, so that a writer never waits on its own old view.
    Whatever processes have kept is worked out anew afterwards, unless the change is one that need not
    be `noticed`.
    """
    session = db.session()
    session.rollback()
    with _turn(db.engine), pulse_of(db.engine).changing() if noticed else nullcontext():
        try:
            session.connection(execution_options=_WRITES)
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def swift_transaction() -> Iterator[Line]:
    """The same on the driver's own connection, for what every submission does (see `storage.swift`)."""
    engine = db.engine
    if engine.dialect.name == "sqlite":
        queue = _queue(engine)
        with queue.turn(), queue.line(engine) as line:
            yield line
        return
    with swift_reading() as line:
        try:
            yield line
            line.commit()
        except BaseException:
            line.take_back()
            raise


_BEGIN_WRITING = Swift(text("BEGIN IMMEDIATE"))


_RETRYABLE = frozenset({"40001", "40P01"})  # serialization failure, deadlock


def is_clash(error: DBAPIError) -> bool:
    """Whether two transactions met, so that one of them may simply be tried again."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _RETRYABLE


_NO_ROOM = frozenset({"53100", "SQLITE_FULL"})  # PostgreSQL's and SQLite's


def is_full(error: Exception) -> bool:
    """Whether a database refused because its disk has no room left."""
    told = getattr(error, "orig", None)
    return not _NO_ROOM.isdisjoint({getattr(told, "sqlstate", None), getattr(told, "sqlite_errorname", None)})


def line_of(session: Session) -> Line:
    """The driver's own connection under a session, inside its transaction."""
    connection = session.connection()
    return Line(connection.connection, connection.dialect)


@contextmanager
def swift_reading() -> Iterator[Line]:
    """The driver's own connection, for one or two questions."""
    line = _line_from(db.engine)
    try:
        yield line
    finally:
        # Back to the pool, which rolls back what was not committed.
        line.connection.close()


def _line_from(engine: Engine) -> Line:
    try:
        return Line(engine.raw_connection(), engine.dialect)
    except Exception as error:
        raise said(engine.dialect, error) from error


_WRITES = {"collector_writes": True}
_queues: dict[str, _WriterQueue] = {}


def _turn(engine: Engine) -> AbstractContextManager[None]:
    return _queue(engine).turn() if engine.dialect.name == "sqlite" else nullcontext()


def _queue(engine: Engine) -> _WriterQueue:
    database = engine.url.database or ":memory:"
    queue = _queues.get(database)
    if queue is None:
        queue = _queues.setdefault(database, _WriterQueue(Path(f"{database}.lock")))
    return queue


_pulses: dict[str, Pulse] = {}


def pulse_of(engine: Engine) -> Pulse:
    """What tells whether anything changed that is to be noticed; beside PostgreSQL it knows nothing."""
    if engine.dialect.name != "sqlite":
        return Pulse(None)
    database = engine.url.database or ":memory:"
    # In the file of the writers' queue: who has one has the other.
    return _pulses.get(database) or _pulses.setdefault(database, Pulse(Path(f"{database}.lock")))


def release_connections() -> None:
    """Close every pooled connection: before a fork, so that no child shares one with its parent."""
    db.session.remove()
    queue = _queues.pop(db.engine.url.database or ":memory:", None)
    if queue is not None:
        queue.close()
    for engine in db.engines.values():
        engine.dispose()
    # A process that was killed in the middle of a change left none.
    pulse_of(db.engine).beat()
