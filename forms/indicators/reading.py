"""The sheet `indicators` into definitions; every fault of every row is told at once.

Why so strict about what is summed: a phone writes codes and numbers alike, and the sum of the codes
of a choice looks like a figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from forms.expressions.checking import Formula, read_formula
from forms.expressions.functions import Kind
from forms.expressions.kinds import kind, leaves
from forms.expressions.numbers import number_of
from forms.expressions.scope import Scope, nearest_name
from forms.expressions.tree import Answer, Expression, Text
from forms.indicators import faults
from forms.indicators.definition import Indicator
from forms.problems import ExpressionWrong, FormRefused
from forms.remarks import Remark
from forms.rows import Cell
from forms.schema import Node, Schema
from forms.spreadsheet import SheetRow

COLUMNS = (
    "code",
    "label",
    "table",
    "where",
    "numerator",
    "denominator",
    "disaggregate",
    "unit",
    "factor",
    "direction",
    "definition",
    "source",
)
"""What a row may say; `label` and `definition` once for each language, `label::Tiếng Việt (vi)`."""

NOT_SERVED = ("latest_by", "distinct", "base", "denominator_table", "status_as_of")
"""Columns that change what is counted, which is not yet done: better no figure than a wrong one."""

DIRECTIONS = ("increase", "decrease", "at_least", "monitor")

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_NAME = re.compile(r"[^\s,;]+")
_Read = TypeVar("_Read")


def read_indicators(rows: Sequence[SheetRow], schema: Schema) -> tuple[Indicator, ...]:
    """The indicators that `rows` define over the form of `schema`, in their order.

    Raises FormRefused with a remark for every fault.
    """
    remarks: list[Remark] = []
    found: list[Indicator] = []
    codes: dict[str, int] = {}
    for row in rows:
        reader = _Row(row, schema)
        indicator = reader.read()
        remarks += reader.remarks
        first = codes.setdefault(row["code"], row.row)
        if row["code"] and first != row.row:
            remarks.append(reader.fault(faults.CODE_TWICE, "code", code=row["code"], first=str(first)))
        if indicator is not None:
            found.append(indicator)
    if remarks:
        raise FormRefused(remarks)
    return tuple(found)


@dataclass
class _Row:
    row: SheetRow
    schema: Schema
    remarks: list[Remark] = field(default_factory=list)

    def read(self) -> Indicator | None:
        """The definition; None when `remarks` say why there is none."""
        self._columns()
        code, labels = self._code(), self._languages("label")
        if not labels:
            self._refuse(faults.LABEL_MISSING, "label")
        table = self._table()
        if table is None:
            return None
        scope = Scope(self.schema, table)
        numerator = self._formula("numerator", scope, self._countable)
        if numerator is None and not self.row["numerator"]:
            self._refuse(faults.NUMERATOR_MISSING, "numerator")
        where = self._formula("where", scope, self._condition)
        denominator = self._formula("denominator", scope, self._countable)
        disaggregate = self._tried("disaggregate", lambda text: self._questions(text, scope)) or ()
        factor, direction = self._factor(), self._direction()
        if self.remarks or numerator is None:
            return None
        return Indicator(
            code=code,
            labels=labels,
            table=table,
            where=where,
            numerator=numerator,
            denominator=denominator,
            disaggregate=disaggregate,
            unit=self.row["unit"],
            factor=factor,
            direction=direction,
            definitions=self._languages("definition"),
            source=self.row["source"],
        )

    def fault(self, remark: Remark, column: str, **details: str) -> Remark:
        """A remark with the place it belongs to."""
        details = {**remark.details, **details}
        return replace(remark, sheet=self.row.sheet, row=self.row.row, column=column, details=details)

    def _refuse(self, remark: Remark, column: str, **details: str) -> None:
        self.remarks.append(self.fault(remark, column, **details))

    def _columns(self) -> None:
        for column in self.row.cells:
            name = column.partition("::")[0]
            if name in NOT_SERVED:
                self._refuse(faults.COLUMN_NOT_SERVED, column)
            elif name not in COLUMNS:
                self._refuse(faults.COLUMN_UNKNOWN, column, nearest=nearest_name(name, list(COLUMNS)))

    def _code(self) -> str:
        code = self.row["code"]
        if not _CODE.fullmatch(code):
            self._refuse(faults.CODE_WRONG if code else faults.CODE_MISSING, "code", code=code)
        return code

    def _languages(self, column: str) -> Mapping[str, str]:
        named = ((name.partition("::"), text) for name, text in self.row.cells.items())
        return {language: text for (name, _, language), text in named if name == column}

    def _table(self) -> str | None:
        """The path of the table; None when it is refused."""
        written = self.row["table"]
        if not written:
            return ""
        path = "/" + written.strip("/")
        found = [
            repeat.path for repeat in self.schema.repeats if written == repeat.name or path == repeat.path
        ]
        if len(found) == 1:
            return found[0]
        known = ", ".join(repeat.name for repeat in self.schema.repeats) or "–"
        if found:
            self._refuse(faults.TABLE_AMBIGUOUS, "table", table=written, paths=", ".join(found))
        elif written.startswith(("entities/", "places/")):
            self._refuse(faults.TABLE_NOT_SERVED, "table", table=written)
        else:
            self._refuse(faults.TABLE_UNKNOWN, "table", table=written, known=known)
        return None

    def _formula(
        self, column: str, scope: Scope, check: Callable[[Formula, Scope], Remark | None]
    ) -> Formula | None:
        formula = self._tried(column, lambda text: read_formula(text, scope))
        remark = check(formula, scope) if formula else None
        if remark is not None:
            self.remarks.append(self.fault(remark, column))
        return formula

    def _tried(self, column: str, read: Callable[[str], _Read]) -> _Read | None:
        text = self.row[column]
        if not text:
            return None
        try:
            return read(text)
        except ExpressionWrong as problem:
            self.remarks.append(self.fault(problem.remark, column))
            return None

    def _condition(self, formula: Formula, _scope: Scope) -> Remark | None:
        return None if formula.kinds == {Kind.TRUTH} else faults.NO_CONDITION

    def _countable(self, formula: Formula, scope: Scope) -> Remark | None:
        if not formula.kinds:
            return faults.TEXT_SUMMED
        remarks = (_not_summed(leaf, scope) for leaf in leaves(formula.tree))
        return next((remark for remark in remarks if remark), None)

    def _questions(self, text: str, scope: Scope) -> tuple[Answer, ...]:
        names = (Answer(name[0], at=name.start()) for name in _NAME.finditer(text))
        answers = dict.fromkeys(scope.find(answer, text) for answer in names)
        for answer in answers:
            for remark in _ungroupable(self.schema.by_path[answer.path], scope):
                self._refuse(remark, "disaggregate", name=answer.name)
        return tuple(answers)

    def _factor(self) -> float:
        text = self.row["factor"]
        if not text:
            return 100.0 if self.row["unit"] == "%" else 1.0
        try:
            factor = float(text.replace(",", "."))
        except ValueError:
            factor = 0.0
        if not 0 < factor <= faults.LARGEST_FACTOR:
            self._refuse(faults.FACTOR_WRONG, "factor", factor=text)
        return factor

    def _direction(self) -> str:
        direction = self.row["direction"]
        if direction and direction not in DIRECTIONS:
            known = ", ".join(DIRECTIONS)
            self._refuse(faults.DIRECTION_UNKNOWN, "direction", direction=direction, known=known)
        return direction


def _not_summed(leaf: Expression, scope: Scope) -> Remark | None:
    """Why a value cannot be summed, if it cannot."""
    found = kind(leaf, scope.cell)
    if found in {Kind.DATE, Kind.TIME}:
        return faults.DATES_SUMMED
    if found is not Kind.TEXT:
        return None
    if isinstance(leaf, Answer):
        codes = replace(faults.CODES_SUMMED, details={"name": leaf.name})
        return None if scope.calculated(leaf.path) else codes
    number = isinstance(leaf, Text) and (not leaf.value or number_of(leaf.value) is not None)
    return None if number else faults.TEXT_SUMMED


def _ungroupable(node: Node, scope: Scope) -> Iterator[Remark]:
    """Why a figure cannot be split by a question, if it cannot."""
    if node.select_multiple or node.type == "odk:rank":
        yield faults.SPLIT_BY_LIST
    elif scope.cell(node.path) not in {Cell.TEXT, Cell.INT} or node.binary or node.type.startswith("geo"):
        yield faults.SPLIT_BY_MEASURE
    elif node.control == "input" and node.type == "string":
        yield faults.SPLIT_BY_FREE_TEXT
