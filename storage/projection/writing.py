"""Rows into their tables, and out again when a record is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Insert, delete
from sqlalchemy.orm import Session

from forms.rows import PARTS, Flat, Layout
from forms.schema import Schema
from storage.projection.tables import AnswerTable


@dataclass(frozen=True)
class Writer:
    """Writes the answers to one version of a form; kept as long as the tables stay as they are."""

    schema: Schema
    layout: Layout
    tables: Mapping[str, AnswerTable]

    @cached_property
    def _inserts(self) -> list[tuple[str, list[tuple[Insert, tuple[str, ...]]]]]:
        result = []
        for table in self.layout.tables:
            physical = self.tables[table.path]
            pieces = []
            for number, piece in enumerate(physical.pieces):
                names = [
                    column.name + suffix
                    for column in table.columns
                    if physical.questions[column.path].piece == number
                    for suffix, _kind in PARTS[column.cell]
                ]
                keys = [column.name for column in piece.c if column.primary_key]
                if number == 0:
                    extra = ("key", "parent_key", "ordinal", "as_sent", "blank")
                    keys += [name for name in extra if name in piece.c]
                pieces.append((piece.insert().inline(), (*keys, *names)))
            result.append((table.path, pieces))
        return result

    def write(self, session: Session, submission_id: int, flat: Flat) -> None:
        """Insert the rows of one submission."""
        self.write_many(session, [(submission_id, flat)])

    def write_many(self, session: Session, batch: Iterable[tuple[int, Flat]]) -> None:
        """Insert the rows of several submissions, one statement a table."""
        several = list(batch)
        connection = session.connection()
        for path, pieces in self._inserts:
            rows = [
                row | {"submission_id": number} for number, flat in several for row in flat.rows.get(path, ())
            ]
            if not rows:
                continue
            for insert, names in pieces:
                connection.execute(insert, [{name: row[name] for name in names} for row in rows])


def remove(session: Session, tables: Mapping[str, AnswerTable], submission_id: int) -> None:
    """Delete the rows of one submission from every table of its form."""
    for table in tables.values():
        for piece in table.pieces:
            session.execute(delete(piece).where(piece.c.submission_id == submission_id))
