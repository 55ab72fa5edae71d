"""What both databases have in common when their rows are read out and put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url

from forms.backups.documents import Shape


class Source(Protocol):
    """A database at one moment, however long it is read."""

    kind: str
    engine: str

    def shape(self) -> Shape:
        """All but the rows."""

    def tables(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Every table with its columns."""

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[bytes]:
        """The rows of a table, each as a line."""

    def ask(self, sentence: str) -> Iterator[tuple[object, ...]]:
        """What a plain question finds, row by row."""

    def close(self) -> None:
        """Let it go."""


class Target(Protocol):
    """An empty database that is being filled; nothing of it is seen before `finish`."""

    def begin(self, shape: Shape) -> None:
        """Make the tables."""

    def add(self, table: str, columns: Sequence[str], pieces: Iterable[bytes]) -> None:
        """Put rows back, as `Source.rows` gave them."""

    def complete(self, shape: Shape) -> None:
        """Indexes, constraints, triggers, counters."""

    def source(self) -> Source:
        """What is there now, to be compared."""

    def finish(self) -> None:
        """Let others see it."""

    def give_up(self) -> None:
        """Leave no trace."""


def kind_of(url: str) -> str:
    """Sqlite or postgresql."""
    return make_url(url).get_backend_name()


def open_source(url: str, folder: Path) -> Source:
    """A database as it is now; `folder` is where a copy of it may lie meanwhile."""
    if kind_of(url) == "sqlite":
        from storage.backups.rows_sqlite import SqliteSource

        return SqliteSource.copied(Path(make_url(url).database or ""), folder)
    from storage.backups.rows_postgresql import PostgresqlSource

    return PostgresqlSource.opened(url)


def open_target(url: str) -> Target:
    """An empty database. Raises NotEmptyHere."""
    if kind_of(url) == "sqlite":
        from storage.backups.rows_sqlite import SqliteTarget

        return SqliteTarget(Path(make_url(url).database or ""))
    from storage.backups.rows_postgresql import PostgresqlTarget

    return PostgresqlTarget(url)


def move_aside(url: str, aside: Path, now: datetime) -> str:
    """Make room for a restore: what is there is moved; returns where it is now, "" where nothing was.

    Raises ServerStillRuns.
    """
    if kind_of(url) == "sqlite":
        from storage.backups import rows_sqlite

        return rows_sqlite.move_aside(Path(make_url(url).database or ""), aside)
    from storage.backups import rows_postgresql

    return rows_postgresql.move_aside(url, f"before_restore_{now:%Y%m%d_%H%M%S}")
