"""The sheet `checks` of a survey's workbook: conditions that hold for every good row.

Columns: `code`, `severity` (error, warning, info; blank: warning), `table` (blank: the record, else a
repeat), `constraint`, `message::<language>`, in which `${question}` stands for the row's own answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from forms.checks.check import SEVERITIES, WARNING
from forms.expressions.checking import Formula
from forms.expressions.scope import Scope
from forms.expressions.tree import Answer, answers, calls, gathered
from forms.indicators import faults as sheet_faults
from forms.indicators.sheet import RowReader, condition, read_rows
from forms.remarks import Remark
from forms.rows import Finding
from forms.schema import Schema
from forms.spreadsheet import SheetRow

COLUMNS = ("code", "severity", "table", "constraint", "message", "note")
"""What a row may say; `note` is for whoever keeps the workbook."""

MOST_CHECKS = 100
"""Rows of one sheet: every record passes all of them while its sender waits."""

MOST_TOLD = 8
"""Answers told beside a finding."""

CODE_WRONG = Remark(
    "“{code}” is no code of a check.",
    "Use letters, digits and underscores, a letter first, at most 40, such as grade_and_age or Q08.",
)
CODE_TWICE = Remark("The code {code} is already that of row {first}.", "Give each check a code of its own.")
SEVERITY_UNKNOWN = Remark("“{severity}” is no severity.", "Use one of: {known}.")
MESSAGE_MISSING = Remark(
    "The check has no message.",
    "Say in a column such as message::Tiếng Việt (vi) what is wrong with a row, and what to do.",
)
CONSTRAINT_MISSING = Remark(
    "Nothing says what holds for a good row.", "Write a condition, such as ${{grade}} <= ${{age}} - 5."
)
NOTHING_ASKED = Remark(
    "The constraint names no question of the row, so it would be the same for all of them.",
    "Write a condition on an answer, such as ${{age}} <= 105.",
)
TOO_MANY = Remark("The sheet has more than {most} checks.", "Keep those that people will act upon.")
REMARKS = (
    CODE_WRONG,
    CODE_TWICE,
    SEVERITY_UNKNOWN,
    MESSAGE_MISSING,
    CONSTRAINT_MISSING,
    NOTHING_ASKED,
    TOO_MANY,
)
"""Everything this file may say, beside what expressions say."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_HOLE = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")


@dataclass(frozen=True)
class RowCheck:
    """One row of the sheet: `constraint` holds for a good row of `table` ("" the record's own).

    `told` are the questions whose answers a finding tells, the one to look into first; the constraint
    looks at the first `judged` of them, the others stand in its message.
    """

    code: str
    severity: str
    table: str
    constraint: Formula
    messages: Mapping[str, str]
    told: tuple[Answer, ...]
    judged: int

    @property
    def path(self) -> str:
        """The question to look into; the repeat, where only its rows are counted."""
        return self.told[0].path if self.told else gathered(self.constraint.tree)[0].table

    @property
    def by_day(self) -> bool:
        """Whether it asks for today(), which is the day the record counts for."""
        return calls(self.constraint.tree, "today", "now")


@dataclass(frozen=True, slots=True)
class Broken(Finding):
    """What such a check found in a row: `details` are the answers it tells, `variant` those it judged."""

    severity: str
    details: Mapping[str, str]
    variant: str


def read_row_checks(rows: Sequence[SheetRow], schema: Schema) -> tuple[RowCheck, ...]:
    """The checks that `rows` define over the form of `schema`, in their order.

    Raises FormRefused with a remark for every fault.
    """
    return tuple(read_rows(rows, _reading(rows, schema)))


def readable_row_checks(rows: Sequence[SheetRow], schema: Schema) -> tuple[RowCheck, ...]:
    """The same of rows that were published once: what an earlier release did not mind is left out."""
    read = _reading(rows, schema)
    return tuple(check for check, _remarks in map(read, rows) if check is not None)


def _reading(
    rows: Sequence[SheetRow], schema: Schema
) -> Callable[[SheetRow], tuple[RowCheck | None, list[Remark]]]:
    firsts: dict[str, int] = {}
    for row in rows:
        firsts.setdefault(row["code"], row.row)
    return lambda row: _Row(RowReader(row), schema, rows, firsts).read()


def written(message: str, details: Mapping[str, str], *, blank: str = "–") -> str:
    """A message with the answers in its holes; `blank` where a question was not answered."""
    return _HOLE.sub(lambda hole: details.get(hole[1], "") or blank, message)


@dataclass(frozen=True)
class _Row:
    reader: RowReader
    schema: Schema
    rows: Sequence[SheetRow]
    firsts: Mapping[str, int]

    def read(self) -> tuple[RowCheck | None, list[Remark]]:
        reader = self.reader
        reader.columns(COLUMNS)
        code = self._code()
        severity = reader.one_of("severity", SEVERITIES, SEVERITY_UNKNOWN, WARNING)
        messages = reader.languages("message")
        if not any(messages.values()):
            reader.refuse(MESSAGE_MISSING, "message")
        table = self._table()
        if table is None:
            return None, reader.remarks
        scope = Scope(self.schema, table)
        constraint = reader.formula("constraint", scope, condition)
        if not reader.row["constraint"]:
            reader.refuse(CONSTRAINT_MISSING, "constraint")
        told = tuple(dict.fromkeys(self._told(constraint, messages, scope)))
        if constraint is not None and not (told or gathered(constraint.tree)):
            reader.refuse(NOTHING_ASKED, "constraint")
        if reader.remarks or constraint is None:
            return None, reader.remarks
        judged = len({answer.path for answer in answers(constraint.tree)})
        return RowCheck(code, severity, table, constraint, messages, told[:MOST_TOLD], judged), []

    def _code(self) -> str:
        code = self.reader.row["code"]
        if not _CODE.fullmatch(code):
            self.reader.refuse(CODE_WRONG, "code", code=code)
        elif self.firsts[code] != self.reader.row.row:
            self.reader.refuse(CODE_TWICE, "code", code=code, first=str(self.firsts[code]))
        if len(self.rows) > MOST_CHECKS and self.reader.row is self.rows[0]:
            self.reader.refuse(TOO_MANY, "code", most=str(MOST_CHECKS))
        return code

    def _table(self) -> str | None:
        """The path of the table; None when it is refused."""
        named = self.reader.row["table"]
        if not named:
            return ""
        path = "/" + named.strip("/")
        found = [one.path for one in self.schema.repeats if named == one.name or path == one.path]
        if len(found) == 1:
            return found[0]
        known = ", ".join(one.name for one in self.schema.repeats) or "–"
        if found:
            fault = replace(sheet_faults.TABLE_AMBIGUOUS, details={"table": named, "paths": ", ".join(found)})
        else:
            fault = replace(sheet_faults.TABLE_UNKNOWN, details={"table": named, "known": known})
        self.reader.refuse(fault, "table")
        return None

    def _told(
        self, constraint: Formula | None, messages: Mapping[str, str], scope: Scope
    ) -> Iterator[Answer]:
        """The questions of the row itself first, then those around it, then those its message names."""
        if constraint is not None:
            read = list(answers(constraint.tree))
            read.sort(key=lambda one: scope.schema.by_path[one.path].table != scope.table)
            yield from (Answer(one.name, one.path) for one in read)
        for language, message in messages.items():
            column = f"message::{language}" if language else "message"
            for hole in _HOLE.finditer(message):
                asked = Answer(hole[1], at=hole.start())
                found = self.reader.tried(column, partial(scope.find, asked))
                if found is not None:
                    yield Answer(found.name, found.path)
