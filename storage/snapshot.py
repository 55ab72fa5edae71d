"""Reading at one moment: every statement inside sees the same state, whatever is written meanwhile.

Keep it short: while it lasts, SQLite's log grows and PostgreSQL cannot tidy up. What takes long is read
in pages, one snapshot each, and nobody waits for a slow line inside one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.database import db


@contextmanager
def snapshot() -> Iterator[Session]:
    """A session to read with, apart from the one of the request."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # SQLite's transactions are so by themselves.
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            # Where a page begins decides how its rows are found: a plan for any page reads far too many.
            connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        with Session(connection) as session:
            yield session
