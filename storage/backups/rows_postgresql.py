"""PostgreSQL read out and put back by COPY, in one look, without its client programs.

Why not pg_dump: it has to be installed, and to be no older than the server; a backup of ours is restored by
our own command on any version that knows the types. Each row is a line of COPY's text format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from forms.backups.documents import Shape
from storage.backups.problems import DatabaseChangedShape, NotEmptyHere, ServerStillRuns
from storage.backups.shape_postgresql import Catalogue

_SAME = (
    "SET TIME ZONE 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    # Or a second reader would begin in the middle, and the same rows be cut elsewhere.
    "SET synchronize_seqscans = off",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
)
_ATTEMPTS = 5


def _connected(url: str) -> psycopg.Connection[Any]:
    target = make_url(url).set(drivername="postgresql")
    line = psycopg.connect(
        target.render_as_string(hide_password=False), client_encoding="UTF8", autocommit=True
    )
    for one in _SAME:
        line.execute(one)
    return line


def _said(line: psycopg.Connection[Any], sentence: str) -> Any:
    # Nothing of it comes from outside: names are quoted, the rest is the catalogue's own words.
    return line.execute(sentence)


class PostgresqlSource:
    """A database at one moment; its tables cannot be dropped or changed in shape meanwhile."""

    kind = "postgresql"

    def __init__(self, line: psycopg.Connection[Any], *, own: bool = True) -> None:
        self._line = line
        self._own = own
        self.engine = line.info.parameter_status("server_version") or "?"
        self._catalogue = Catalogue(line)

    @classmethod
    def opened(cls, url: str) -> PostgresqlSource:
        """A look at a running server. Raises DatabaseChangedShape."""
        line = _connected(url)
        fault: Exception | None = None
        try:
            for _attempt in range(_ATTEMPTS):
                _said(line, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                try:
                    found = cls(line)
                    found.hold()
                except (psycopg.errors.UndefinedTable, psycopg.errors.LockNotAvailable) as error:
                    fault = error
                    _said(line, "ROLLBACK")
                else:
                    return found
        except BaseException:
            line.close()
            raise
        line.close()
        raise DatabaseChangedShape(reason=str(fault).splitlines()[0]) from fault

    def hold(self) -> None:
        """Keep the tables as they are until this is closed; rows are written as before."""
        names = [self._catalogue.quoted(name) for name, _columns in self.tables()]
        _said(self._line, "SET LOCAL lock_timeout = '10s'")
        if names:
            _said(self._line, f"LOCK TABLE {', '.join(names)} IN ACCESS SHARE MODE")

    def close(self) -> None:
        """Let it go."""
        if self._own:
            self._line.close()

    def shape(self) -> Shape:
        """Everything but the rows."""
        return self._catalogue.shape()

    def tables(self) -> Sequence[tuple[str, list[str]]]:
        """Every table."""
        return sorted(self._catalogue.tables())

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[bytes]:
        """The rows as lines of COPY."""
        with self._line.cursor() as cursor, cursor.copy(self._copy(table, columns, "TO STDOUT")) as copy:
            for row in copy:
                yield bytes(row)

    def _copy(self, table: str, columns: Sequence[str], way: LiteralString) -> sql.Composed:
        name = sql.Identifier(self._catalogue.schema, table)
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        return sql.SQL("COPY {} ({}) ").format(name, listed) + sql.SQL(way)

    def ask(self, sentence: str) -> Iterator[tuple[Any, ...]]:
        """What a plain question finds; tables are named without their schema."""
        _said(
            self._line,
            f"SET LOCAL search_path = {sql.Identifier(self._catalogue.schema).as_string(self._line)}",
        )
        with self._line.cursor(name="asked") as cursor:
            cursor.execute(sentence)
            yield from cursor
        _said(self._line, "SET LOCAL search_path = ''")


class PostgresqlTarget:
    """An empty database filled in one transaction: whole or not at all."""

    def __init__(self, url: str) -> None:
        self._line = _connected(url)
        row = self._line.execute(
            "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'S', 'v')"
            " AND relnamespace = current_schema()::regnamespace"
        ).fetchone()
        if row is None or row[0]:
            self._line.close()
            raise NotEmptyHere(what="something in the database of COLLECTOR_DATABASE_URL")
        _said(self._line, "BEGIN")
        _said(self._line, "SET LOCAL check_function_bodies = off")
        _said(self._line, "SET LOCAL maintenance_work_mem = '256MB'")
        schema = self._line.execute("SELECT current_schema()").fetchone()
        self._schema: str = (schema or ("public",))[0]

    def begin(self, shape: Shape) -> None:
        """Make the tables."""
        for one in shape.before:
            _said(self._line, one)

    def add(self, table: str, columns: Sequence[str], pieces: Iterable[bytes]) -> None:
        """Put rows back."""
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        said = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self._schema, table), listed)
        with self._line.cursor() as cursor, cursor.copy(said) as copy:
            for data in pieces:
                copy.write(data)

    def complete(self, shape: Shape) -> None:
        """Constraints, indexes, views, triggers, counters."""
        for one in (*shape.after, *shape.counters):
            _said(self._line, one)

    def source(self) -> PostgresqlSource:
        """What was filled, seen from inside its transaction."""
        return PostgresqlSource(self._line, own=False)

    def finish(self) -> None:
        """Commit, and let the planner learn what is there."""
        _said(self._line, "COMMIT")
        _said(self._line, "ANALYZE")
        self._line.close()

    def give_up(self) -> None:
        """Roll back."""
        self._line.close()


def move_aside(url: str, name: str) -> str:
    """Rename the schema with the server's tables and make an empty one. Raises ServerStillRuns."""
    with _connected(url) as line:
        others = line.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            "pg_backend_pid()  AND backend_type = 'client backend'"
        ).fetchone()
        if others is None or others[0]:
            raise ServerStillRuns
        row = line.execute(
            "SELECT current_schema(), count(*) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
        ).fetchone()
        if row is None or not row[1]:
            return ""
        with line.transaction():
            old = sql.Identifier(row[0])
            line.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(old, sql.Identifier(name)))
            line.execute(sql.SQL("CREATE SCHEMA {}").format(old))
    return name
