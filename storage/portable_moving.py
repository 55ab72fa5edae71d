"""What moving a whole database needs, and SQLite and PostgreSQL do each in their own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, Table, func, select, text
from sqlalchemy.engine import Connection


@contextmanager
def one_look(engine: Engine) -> Iterator[Connection]:
    """Read everything at one moment, however long it takes."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def one_writing(engine: Engine) -> Iterator[Connection]:
    """Write everything together or nothing; rows may come before those they name."""
    with engine.connect().execution_options(collector_writes=True) as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield connection


def go_on_counting(connection: Connection, tables: Iterable[Table]) -> None:
    """Let numbers that the database gives go on behind the largest there is; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        keys = list(table.primary_key)
        if len(keys) != 1:
            continue
        counter = connection.scalar(select(func.pg_get_serial_sequence(table.name, keys[0].name)))
        if counter:
            last = func.coalesce(func.max(keys[0]), 1)
            connection.execute(select(func.setval(counter, last, func.max(keys[0]).is_not(None))))


def others_connected(connection: Connection) -> int:
    """How many other clients have this database open; SQLite has nobody beyond its data folder."""
    if connection.dialect.name != "postgresql":
        return 0
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return int(connection.execute(asked).scalar_one())


def look_over(engine: Engine) -> None:
    """Let the database count what came, so that it finds its ways from the first question on."""
    with engine.connect().execution_options(collector_writes=True) as connection, connection.begin():
        connection.exec_driver_sql("ANALYZE")
