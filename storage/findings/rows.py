"""The row checks of a survey, asked of its tables: which rows of which records break which of them.

One question finds them all, for one record at its receipt as for many at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    select,
    union_all,
)

from forms.checks.row_checks import Broken, RowCheck
from forms.expressions.tree import Answer, answers, gathered, rows_around
from forms.rows import Cell, Finding
from storage.compile import compile_predicate
from storage.inside import ColumnRef
from storage.models import Submission
from storage.portable import Some
from storage.projection.tables import AnswerTable
from storage.swift import Line, Swift

_LONGEST = 500


@dataclass(frozen=True)
class RowChecks:
    """The checks of a survey over its tables, by path; those that name what is not there are left out."""

    checks: tuple[RowCheck, ...]
    tables: Mapping[str, AnswerTable]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all of them."""
        return frozenset(check.code for check in self.checks)

    def broken(self, line: Line, first: int, last: int) -> dict[int, list[Finding]]:
        """What is wrong in the records with numbers from `first` to `last`, by number of the record."""
        found: dict[int, list[Finding]] = {}
        for at, number, key, *told in self._question.all(line, {"first": first, "last": last}):
            check = self.checks[at]
            details = {
                answer.name: (text or "")[:_LONGEST] for answer, text in zip(check.told, told, strict=False)
            }
            texts = list(details.values())
            judged = "\x1e".join(texts[: check.judged])
            value = texts[0] if texts else ""
            one = Broken(check.code, check.path, key, value, check.severity, details, judged)
            found.setdefault(number, []).append(one)
        return found

    @cached_property
    def _question(self) -> Swift:
        several = [self._select(at, check) for at, check in enumerate(self.checks)]
        return Swift(union_all(*several) if len(several) > 1 else several[0])

    @cached_property
    def _width(self) -> int:
        return max(len(check.told) for check in self.checks)

    def _select(self, at: int, check: RowCheck) -> Select[Any]:
        """The rows that break one check: its place in `checks`, record, key, and the answers it tells."""
        tree = check.constraint.tree
        columns = self._columns
        table = self.tables[check.table].table
        day = Submission.__table__.c.reported_on if check.by_day else None
        told = [_text(columns[answer.path]) for answer in check.told]
        blank = [cast(literal_column("''"), Text())] * (self._width - len(told))
        read = {answer.path for answer in (*check.told, *answers(tree))}
        return (
            select(literal_column(str(at)), table.c.submission_id, table.c.key, *told, *blank)
            .select_from(self._source(check, read, by_day=check.by_day))
            .where(
                table.c.submission_id.between(bindparam("first"), bindparam("last")),
                not_(compile_predicate(tree, columns, today=day, tables=self.tables)),
            )
        )

    @cached_property
    def _columns(self) -> Mapping[str, ColumnRef]:
        return {
            path: ColumnRef(table.column(path), question.cell)
            for table in self.tables.values()
            for path, question in table.questions.items()
        }

    def _source(self, check: RowCheck, read: set[str], *, by_day: bool) -> FromClause:
        """The table of a check, and of those around it what it reads."""
        inner = below = self.tables[check.table]
        needed = {path for path, table in self.tables.items() if read & table.questions.keys()}
        needed |= rows_around(check.constraint.tree)
        source = inner.joined if check.table in needed else inner.table
        for outer in self._around(check.table, needed):
            same = below.table.c.submission_id == outer.table.c.submission_id
            held = and_(same, below.table.c.parent_key == outer.table.c.key) if outer.path else same
            source = source.join(outer.joined, held)
            below = outer
        if by_day:
            records = Submission.__table__
            source = source.join(records, records.c.id == inner.table.c.submission_id)
        return source

    def _around(self, path: str, needed: set[str]) -> list[AnswerTable]:
        """The tables around one as far as the outermost that is needed, inner before outer."""
        around: list[AnswerTable] = []
        parent = self.tables[path].parent
        while parent:
            around.append(self.tables[parent])
            parent = self.tables[parent].parent
        while around and around[-1].path not in needed:
            around.pop()
        return [*around, self.tables[""]] if path and "" in needed else around


def row_checks(checks: Sequence[RowCheck], tables: Mapping[str, AnswerTable]) -> RowChecks | None:
    """The checks whose questions are in the tables; None where there are none."""
    paths = {path for table in tables.values() for path in table.questions}
    served = tuple(check for check in checks if check.table in tables and _paths(check) <= paths)
    return RowChecks(served, tables) if served else None


def _paths(check: RowCheck) -> set[str]:
    tree = check.constraint.tree
    inside: list[Answer] = [one.answer for one in gathered(tree) if one.answer is not None]
    return {answer.path for answer in (*check.told, *answers(tree), *inside)}


def _text(ref: ColumnRef) -> Some:
    """An answer as it is told."""
    value = ref.column if ref.cell in _TEXTS else cast(ref.column, Text())
    return func.coalesce(value, "", type_=Text())


_TEXTS = frozenset({Cell.TEXT, Cell.TIME, Cell.DATETIME, Cell.GEOPOINT})
