"""Rows from one database to another, with what tells afterwards whether they are the same.

One look at the source and one transaction at the target: it holds everything in the end, or nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, StatementError

from storage.migrate import is_current, migrate
from storage.portable_moving import go_on_counting, look_over, one_look, one_writing, others_connected
from storage.relocating.problems import NotTheSame, OthersConnected, RowsUnmovable, SourceOutdated
from storage.relocating.tables import FOUND, Moved, ask_for_empty, names, tables_of
from storage.streams import Stream
from storage.swift import Line

Progress = Callable[[int, int], None]

_AT_A_TIME: Final = 500
"""Rows held at once: an answer as sent may have 256 KB."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How many rows a table has, and the SHA-256 of them in the order of their keys."""

    rows: int
    digest: str


class _Tally:
    """Counts rows and digests them as values, however a database keeps them."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._rows = 0

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        for row in rows:
            # SQLite knows no negative zero.
            said = tuple([one + 0.0 if one.__class__ is float else one for one in row])
            self._hash.update(repr(said).encode("utf-8", "surrogatepass"))
        self._rows += len(rows)

    def contents(self) -> Contents:
        return Contents(self._rows, self._hash.hexdigest())


def check(source: Engine, target: Engine) -> None:
    """See that there is something to move to: gives the target its shape.

    Raises SourceOutdated, TargetInUse.
    """
    if not is_current(source):
        raise SourceOutdated
    migrate(target)
    with one_look(target) as there:
        ask_for_empty(there)


def copy(source: Engine, target: Engine, progress: Progress) -> Mapping[str, Contents]:
    """Copy every table; returns what the source holds of each. `progress(done, all)` counts rows.

    Raises OthersConnected, RowsUnmovable, and what `check` raises.
    """
    check(source, target)
    # Else our own connections would be counted among those of others.
    source.dispose()
    with one_look(source) as here, one_writing(target) as there:
        others = others_connected(here)
        if others:
            raise OthersConnected(count=others)
        tables = tables_of(here)
        counted = _Counted(progress, sum(_count(here, one) for one in tables))
        sent = {one.name: _copied(here, there, one, counted) for one in tables}
        go_on_counting(there, [one.shape for one in tables if one.made is None])
    look_over(target)
    return sent


def compare(target: Engine, sent: Mapping[str, Contents], progress: Progress) -> int:
    """Read the target back; returns how many rows are the same as what was sent. Raises NotTheSame."""
    with one_look(target) as there:
        tables = tables_of(there)
        counted = _Counted(progress, sum(one.rows for one in sent.values()))
        arrived = {one.name: _read(there, one, counted) for one in tables}
    if arrived != sent:
        wrong = [one for one in tables if arrived[one.name] != sent.get(one.name)]
        raise NotTheSame(named=names(wrong) or "tables are missing")
    return sum(one.rows for one in arrived.values())


class _Counted:
    """Tells of rows."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, rows: int) -> None:
        self._done += rows
        self._progress(min(self._done, self._total), self._total)


def _count(connection: Connection, table: Moved) -> int:
    return int(connection.execute(select(func.count()).select_from(table.shape)).scalar_one())


def _copied(here: Connection, there: Connection, table: Moved, counted: _Counted) -> Contents:
    if table.made is not None:
        table.made.create(there)
    if table.name in FOUND:
        there.execute(delete(table.shape))
    columns = [one.name for one in table.shape.columns]
    stream = Stream(table.shape, columns)
    line = Line(there.connection, there.dialect)
    tally = _Tally()
    waiting: list[dict[str, Any]] = []
    for rows in _pages(here, table):
        tally.add(rows)
        waiting += [dict(zip(columns, row, strict=True)) for row in rows]
        if not table.whole:
            _add(stream, line, table, waiting)
            waiting = []
        counted.add(len(rows))
    if waiting:
        _add(stream, line, table, waiting)
    return tally.contents()


def _add(stream: Stream, line: Line, table: Moved, rows: list[dict[str, Any]]) -> None:
    try:
        stream.add(line, rows)
    except (DBAPIError, StatementError) as error:
        raise RowsUnmovable(table=table.name, reason=_reason(error)) from error


def _reason(error: StatementError) -> str:
    """What a database says of rows it refuses, without what is in them."""
    told = (str(error.orig).strip().splitlines() or ["?"])[0]
    return re.sub(r"[:\"“(].*", "", told).strip() or type(error.orig).__name__


def _read(connection: Connection, table: Moved, counted: _Counted) -> Contents:
    tally = _Tally()
    for rows in _pages(connection, table):
        tally.add(rows)
        counted.add(len(rows))
    return tally.contents()


def _pages(connection: Connection, table: Moved) -> Iterator[list[tuple[Any, ...]]]:
    found = connection.execute(table.rows().execution_options(yield_per=_AT_A_TIME))
    for rows in found.partitions(_AT_A_TIME):
        yield [tuple(row) for row in rows]
