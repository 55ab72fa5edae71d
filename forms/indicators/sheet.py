"""One row of a sheet of definitions, and everything that is wrong with it, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from forms.expressions.checking import Formula, read_formula
from forms.expressions.faults import QUESTION_UNKNOWN
from forms.expressions.functions import Kind
from forms.expressions.kinds import kind, leaves
from forms.expressions.numbers import number_of
from forms.expressions.scope import Scope, nearest_name
from forms.expressions.tree import Answer, Expression, Negative, Number, Operation, Text, walk
from forms.indicators import faults
from forms.problems import ExpressionWrong, FormRefused
from forms.remarks import Remark
from forms.spreadsheet import SheetRow

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_Read = TypeVar("_Read")
_Made = TypeVar("_Made")


@dataclass
class RowReader:
    """A row that is being read; `remarks` grows with every fault.

    `unknown` is what to say of a name there is not, where rows are no form's; None says it of a question.
    `formulas` holds those already read, by their scope and text: many rows of a sheet narrow alike.
    """

    row: SheetRow
    remarks: list[Remark] = field(default_factory=list)
    unknown: Remark | None = None
    formulas: dict[tuple[int, str], Formula] = field(default_factory=dict)

    def fault(self, remark: Remark, column: str, **details: str) -> Remark:
        """A remark with the place it belongs to."""
        details = {**remark.details, **details}
        return replace(remark, sheet=self.row.sheet, row=self.row.row, column=column, details=details)

    def refuse(self, remark: Remark, column: str, **details: str) -> None:
        """Note a fault of a cell."""
        self.remarks.append(self.fault(remark, column, **details))

    def columns(self, known: Sequence[str]) -> None:
        """Refuse what is filled in a column nobody reads: a slip of the pen would change the figure."""
        for column in self.row.cells:
            name = column.partition("::")[0]
            if name not in known:
                self.refuse(faults.COLUMN_UNKNOWN, column, nearest=nearest_name(name, list(known)))

    def code(self, column: str = "code") -> str:
        """The code of the row."""
        code = self.row[column]
        if not _CODE.fullmatch(code):
            self.refuse(faults.CODE_WRONG if code else faults.CODE_MISSING, column, code=code)
        return code

    def labels(self, column: str = "label") -> Mapping[str, str]:
        """The texts of a column by language; at least one has to be there."""
        found = self.languages(column)
        if not found:
            self.refuse(faults.LABEL_MISSING, column)
        return found

    def languages(self, column: str) -> Mapping[str, str]:
        """The texts of a column by language, "" = no language."""
        named = ((name.partition("::"), text) for name, text in self.row.cells.items())
        return {language: text for (name, _, language), text in named if name == column}

    def one_of(self, column: str, known: Collection[str], fault: Remark, default: str = "") -> str:
        """A cell that holds one of a few words."""
        text = self.row[column] or default
        if text and text not in known:
            self.refuse(fault, column, **{column: text}, known=", ".join(known))
        return text

    def day(self, column: str) -> date | None:
        """A cell that holds a day."""
        text = self.row[column]
        if not text:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self.refuse(faults.DAY_UNREADABLE, column, day=text)
            return None

    def number(self, column: str) -> float | None:
        """A cell that holds a number, with a decimal comma or point, and a percent sign if one likes."""
        text = self.row[column].removesuffix("%").strip()
        if not text:
            return None
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = float("nan")
        if not abs(value) <= faults.LARGEST_FACTOR:
            self.refuse(faults.VALUE_UNREADABLE, column, value=self.row[column])
            return None
        return value

    def tried(self, column: str, read: Callable[[str], _Read]) -> _Read | None:
        """What `read` makes of a cell; None if it is empty, or holds a wrong expression."""
        text = self.row[column]
        if not text:
            return None
        try:
            return read(text)
        except ExpressionWrong as problem:
            strange = problem.remark.cause == QUESTION_UNKNOWN.cause and self.unknown
            remark = replace(strange, details=problem.remark.details) if strange else problem.remark
            self.remarks.append(self.fault(remark, column))
            return None

    def formula(
        self, column: str, scope: Scope, check: Callable[[Formula, Scope], Remark | None]
    ) -> Formula | None:
        """The expression of a cell, if `check` has nothing against it."""
        known = self.formulas.get((id(scope), self.row[column]))
        found = known or self.tried(column, lambda text: read_formula(text, scope))
        if found is not None:
            self.formulas[id(scope), self.row[column]] = found
        remark = None if found is None else _divided(found) or check(found, scope)
        if remark is not None:
            self.remarks.append(self.fault(remark, column))
        return found


def read_rows(
    rows: Sequence[_Made], read: Callable[[_Made], tuple[_Read | None, list[Remark]]]
) -> list[_Read]:
    """What `read` makes of each row. Raises FormRefused with the faults of all of them."""
    made = [read(row) for row in rows]
    remarks = [remark for _found, told in made for remark in told]
    if remarks:
        raise FormRefused(remarks)
    return [found for found, _told in made if found is not None]


def condition(formula: Formula, _scope: Scope) -> Remark | None:
    """Why a formula is no condition, if it is none."""
    return None if formula.kinds == {Kind.TRUTH} else faults.NO_CONDITION


def countable(formula: Formula, scope: Scope) -> Remark | None:
    """Why a formula can be neither counted nor summed, if it cannot.

    Why so strict: a phone writes codes and numbers alike, and the sum of the codes of a choice looks like
    a figure.
    """
    if not formula.kinds:
        return faults.TEXT_SUMMED
    remarks = (_not_summed(leaf, scope) for leaf in leaves(formula.tree))
    return next((remark for remark in remarks if remark), None)


def key(formula: Formula, _scope: Scope) -> Remark | None:
    """Why a formula tells no units apart, if it does not."""
    return faults.KEY_IS_CONDITION if formula.kinds <= {Kind.TRUTH} else None


def constant(node: Expression) -> float | None:
    """The number an expression is for every row; None where that depends on the row."""
    match node:
        case Number(value=value):
            return value
        case Negative(operand=operand):
            below = constant(operand)
            return None if below is None else -below
        case Operation(operator="+" | "-" | "*" as operator, left=left, right=right):
            one, other = constant(left), constant(right)
            if one is None or other is None:
                return None
            return {"+": one + other, "-": one - other, "*": one * other}[operator]
    return None


def _divided(formula: Formula) -> Remark | None:
    for node in walk(formula.tree):
        if isinstance(node, Operation) and node.operator in {"div", "mod"} and constant(node.right) == 0:
            return replace(faults.DIVIDED_BY_ZERO, details={"character": str(node.right.at + 1)})
    return None


def _not_summed(leaf: Expression, scope: Scope) -> Remark | None:
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
