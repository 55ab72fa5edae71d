"""The physical tables of a form, as SQLAlchemy knows them.

Names are short surrogates (`d12_0`, `q37`), never made from what an author typed. A table with very
many questions is cut 1:1 into pieces (`d12_0`, `d12_0p1`) that share their key: PostgreSQL keeps a row on
one page of 8 KB, and of the answers only those longer than 24 bytes can lie elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Double,
    FromClause,
    Integer,
    MetaData,
    Table,
    Text,
    Time,
)
from sqlalchemy.types import TypeEngine

from forms.rows import PARTS, Cell
from storage.database import Instant

ROOM = 7_600
"""Bytes of answers a physical table has room for in each row, whatever they are: 316 texts, say."""

_TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "integer": BigInteger(),
    "real": Double(),
    "date": Date(),
    "time": Time(),
    "instant": Instant(),
}
# What stays on the page at worst, with the gap before a number.
_WEIGHTS = {"text": 24, "integer": 16, "real": 16, "date": 8, "time": 16, "instant": 16}


def weight(cell: Cell) -> int:
    """Bytes of a row that a question takes at worst."""
    return sum(_WEIGHTS[kind] for _suffix, kind in PARTS[cell])


@dataclass(frozen=True, slots=True)
class Question:
    """A question's entry in the catalogue: where its answers lie, and what it was last asked as."""

    path: str
    name: str
    cell: Cell
    type: str
    control: str
    piece: int
    position: int


@dataclass(frozen=True)
class AnswerTable:
    """One logical table: the root (`path` "") or a repeat, with its questions by path.

    `pieces` are its physical tables; the first one holds the key columns (`submission_id`, `key`,
    `as_sent`, `blank`; in repeats also `seq`, `ordinal`, `parent_key`).
    """

    path: str
    parent: str | None
    pieces: tuple[Table, ...]
    questions: Mapping[str, Question]

    @property
    def table(self) -> Table:
        """The first piece."""
        return self.pieces[0]

    @property
    def joined(self) -> FromClause:
        """All pieces side by side, to select from."""
        return self._beside(self.pieces[1:])

    def holding(self, paths: Iterable[str]) -> FromClause:
        """The first piece, and those that hold the answers to these questions."""
        wanted = sorted({self.questions[path].piece for path in paths} - {0})
        return self._beside([self.pieces[number] for number in wanted])

    def _beside(self, others: Iterable[Table]) -> FromClause:
        first = self.pieces[0]
        result: FromClause = first
        for piece in others:
            same = [piece.c[name] == first.c[name] for name in _key_names(self.path)]
            condition = same[0]
            for one in same[1:]:
                condition = condition & one
            result = result.join(piece, condition)
        return result

    def column(self, path: str, suffix: str = "") -> Column[object]:
        """The physical column of a question, or of one of its parts (`_at`, `_lat` …)."""
        question = self.questions[path]
        return self.pieces[question.piece].c[question.name + suffix]


def _key_names(path: str) -> tuple[str, ...]:
    return ("submission_id", "seq") if path else ("submission_id",)


def _key_columns(path: str) -> list[Column[object]]:
    keys: list[Column[object]] = [Column("submission_id", BigInteger, primary_key=True, autoincrement=False)]
    if path:
        keys.append(Column("seq", Integer, primary_key=True, autoincrement=False))
    return keys


def answer_table(name: str, path: str, parent: str | None, questions: Sequence[Question]) -> AnswerTable:
    """The physical tables called `name` for the questions at `path`, in the order of the form."""
    metadata = MetaData()
    count = max((question.piece for question in questions), default=0) + 1
    pieces = []
    for number in range(count):
        columns = _key_columns(path)
        if number == 0:
            columns.append(Column("key", Text, nullable=False))
            if path:
                columns.append(Column("parent_key", Text, nullable=False))
                columns.append(Column("ordinal", Integer, nullable=False))
            columns.append(Column("as_sent", Text))
            columns.append(Column("blank", Text))
        for question in questions:
            if question.piece == number:
                columns.extend(question_columns(question))
        pieces.append(
            Table(
                name if number == 0 else f"{name}p{number}",
                metadata,
                *columns,
                # The rows of a submission lie together, and there is no second index to write.
                sqlite_with_rowid=not path,
            )
        )
    by_path = {question.path: question for question in questions}
    return AnswerTable(path, parent, tuple(pieces), by_path)


def question_columns(question: Question) -> list[Column[object]]:
    """The physical columns of one question."""
    return [Column(question.name + suffix, _TYPES[kind]) for suffix, kind in PARTS[question.cell]]
