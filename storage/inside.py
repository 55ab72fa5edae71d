"""The rows of a repeat seen from a row outside it: for `count(${member})`, `sum(${age})`.

A question for each outer row, by the primary key of the rows inside, whose first column is the record:
both databases answer it with one short walk in an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, and_, select

from forms.expressions.tree import Gathered
from forms.rows import Cell
from storage.portable import Some, Truth
from storage.projection.tables import AnswerTable


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """Where the answers to a question lie: the first of its physical columns, and how they are kept."""

    column: ColumnElement[Any]
    cell: Cell


Columns: TypeAlias = Mapping[str, ColumnRef]
"""Path of a question to its column."""

Tables: TypeAlias = Mapping[str, AnswerTable]
"""Path of a table to the table, "" the root's."""


@dataclass(frozen=True)
class Inside:
    """Rows inside: what they are selected `source`, which are meant, and `ref`, what is taken of each."""

    source: FromClause
    meant: Truth
    outer: FromClause
    ref: ColumnRef | None

    def select(self, value: Some) -> Some:
        """`value`, an aggregate, over the rows meant."""
        return (
            select(value).select_from(self.source).where(self.meant).correlate(self.outer).scalar_subquery()
        )


def rows_inside(node: Gathered, tables: Tables) -> Inside:
    """The rows a node gathers; the table of `node.around` has to stand in FROM of the question outside."""
    table, outer = tables[node.table], tables[node.around].table
    # Other names: rows beside this one may be of the same table.
    inner = first = table.table.alias()
    source: FromClause = first
    ref = None
    if node.answer is not None:
        question = table.questions[node.answer.path]
        piece = first
        if question.piece:
            piece = table.pieces[question.piece].alias()
            source = source.join(piece, _same(piece, first, "submission_id", "seq"))
        ref = ColumnRef(piece.c[question.name], question.cell)
    meant = first.c.submission_id == outer.c.submission_id
    if node.around:
        path = table.parent
        while path and path != node.around:
            between = tables[path].table.alias()
            held = and_(_same(between, inner, "submission_id"), inner.c.parent_key == between.c.key)
            source = source.join(between, held)
            inner, path = between, tables[path].parent
        meant = and_(meant, inner.c.parent_key == outer.c.key)
    return Inside(source, meant, outer, ref)


def _same(one: FromClause, other: FromClause, *names: str) -> Truth:
    return and_(*(one.c[name] == other.c[name] for name in names))
