"""Reading at one moment: every statement inside sees the same state, whatever is written meanwhile.

Keep it short: while it lasts, SQLite's log grows and PostgreSQL cannot tidy up. What takes long is read
in pages, one snapshot each, and nobody waits for a slow line inside one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from storage import replica
from storage.database import db


@contextmanager
def snapshot() -> Iterator[Session]:
    """A session to read with, apart from the one of the request."""
    with db.engine.connect() as connection, _looking(connection) as session:
        yield session


@contextmanager
def report_snapshot(patience: float = replica.PATIENCE) -> Iterator[Session]:
    """The same for files and feeds, from the replica where there is one that has all that was written so far.

    `patience`: seconds it may take to come after. Never for what is then written back.
    """
    with replica.following(patience) as follower:
        if follower is None:
            with snapshot() as session:
                yield session
        else:
            with _looking(follower, follows=True) as session:
                yield session


@contextmanager
def _looking(connection: Connection, *, follows: bool = False) -> Iterator[Session]:
    if connection.dialect.name == "postgresql":
        # SQLite's transactions are so by themselves.
        connection.execution_options(isolation_level="REPEATABLE READ")
        if not follows:
            # A follower reads only by itself, and lets nobody go back from that as the pool would.
            connection.execution_options(postgresql_readonly=True)
        # Where a page begins decides how its rows are found: a plan for any page reads far too many.
        connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    with Session(connection) as session:
        yield session
