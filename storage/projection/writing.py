"""Rows into their tables, and out again when a record is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import bindparam, delete

from forms.encrypted import lay_encrypted
from forms.rows import MOST_FINDINGS, PARTS, Flat, Layout, lay_flat, unknown_choices
from forms.schema import Schema
from forms.submission import Reading
from storage.projection.tables import AnswerTable
from storage.swift import Line, Swift


@dataclass(frozen=True)
class Writer:
    """Writes the answers to one version of a form; kept as long as the tables stay as they are."""

    schema: Schema
    layout: Layout
    tables: Mapping[str, AnswerTable]

    @cached_property
    def _inserts(self) -> list[tuple[str, list[Swift]]]:
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
                written = {name: bindparam(name, type_=piece.c[name].type) for name in (*keys, *names)}
                pieces.append(Swift(piece.insert().inline().values(written)))
            result.append((table.path, pieces))
        return result

    @cached_property
    def _choices(self) -> dict[str, frozenset[str]]:
        """The codes of each question whose list is in the form itself; lists in files may change."""
        return {
            node.path: frozenset(choice.name for choice in self.schema.choices[node.choices])
            for node in self.schema.questions
            if node.choices in self.schema.choices
        }

    def lay(self, reading: Reading, key: str) -> Flat:
        """A submission as rows under `key`, with everything that is odd about it."""
        if reading.envelope.encrypted:
            return lay_encrypted(reading.root, key)
        flat = lay_flat(reading.root, self.layout, key)
        found = [*reading.findings(key), *flat.findings, *unknown_choices(flat, self.layout, self._choices)]
        flat.findings = found[:MOST_FINDINGS]
        return flat

    def write(self, line: Line, submission_id: int, flat: Flat) -> None:
        """Insert the rows of one submission."""
        self.write_many(line, [(submission_id, flat)])

    def write_many(self, line: Line, batch: Iterable[tuple[int, Flat]]) -> None:
        """Insert the rows of several submissions, one statement a table."""
        several = list(batch)
        for number, flat in several:
            for rows in flat.rows.values():
                for row in rows:
                    row["submission_id"] = number
        for path, pieces in self._inserts:
            written = [row for _number, flat in several for row in flat.rows.get(path, ())]
            if written:
                for insert in pieces:
                    insert.many(line, written)

    @cached_property
    def _deletes(self) -> list[Swift]:
        return [
            Swift(delete(piece).where(piece.c.submission_id == bindparam("number")))
            for table in self.tables.values()
            for piece in table.pieces
        ]

    def remove(self, line: Line, submission_id: int) -> None:
        """Delete the rows of one submission from every table of its form."""
        for statement in self._deletes:
            statement.many(line, [{"number": submission_id}])
