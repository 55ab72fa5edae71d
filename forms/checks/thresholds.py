"""The sheet `thresholds`: numbers of checks as a programme or a survey sets them.

Columns: `code` of the check, `name` of the number (`on` with 0 switches the check off), `value`, and in
the workbook of a programme `form`, the survey it holds for (blank: all of them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from forms.checks.catalogue import CHECKS
from forms.checks.check import ON
from forms.expressions.scope import nearest_name
from forms.problems import FormRefused
from forms.remarks import Remark
from forms.spreadsheet import SheetRow

COLUMNS = ("code", "name", "value", "form", "note")
"""What a row may say; `note` is for people."""

COLUMN_UNKNOWN = Remark("The sheet has no such column.", "Correct its name; the nearest one is {nearest}.")
CODE_UNKNOWN = Remark("There is no check {code}.", "Correct the code; the nearest one is {nearest}.")
NAME_UNKNOWN = Remark("The check {code} has no number called {name}.", "Use one of: {known}.")
VALUE_WRONG = Remark(
    "“{value}” is no value for {name} of the check {code}.", "Write a number from {least} to {most}."
)
TWICE = Remark("{name} of the check {code} was set in row {first} already.", "Remove one of the two rows.")
NOT_ITS_OWN = Remark(
    "A survey sets the numbers of its own records only.", "Leave the column form empty, or write {form}."
)
REMARKS = (COLUMN_UNKNOWN, CODE_UNKNOWN, NAME_UNKNOWN, VALUE_WRONG, TWICE, NOT_ITS_OWN)
"""Everything this file may say."""

Values = Mapping[tuple[str, str, str], float]
"""Form ("" = all), check and name of a number to its value."""


@dataclass(frozen=True)
class Thresholds:
    """The numbers in force in a project: what workbooks set, else what the checks bring along."""

    values: Values = field(default_factory=dict)

    def of(self, code: str, form: str = "") -> dict[str, float]:
        """Every number of a check of the catalogue, by name, for the records of a survey."""
        return {
            name: self.values.get((form, code, name), self.values.get(("", code, name), number.default))
            for name, number in CHECKS[code].numbers.items()
        }

    def on(self, code: str, form: str = "") -> bool:
        """Whether a check is to be made at all."""
        return self.of(code, form)[ON] > 0


def read_thresholds(rows: Iterable[SheetRow], own: str = "") -> dict[tuple[str, str, str], float]:
    """The numbers that `rows` set; `own` is the form id of the survey they stand in, "" for a programme.

    Raises FormRefused with a remark for every fault.
    """
    values, remarks = _read(rows, own)
    if remarks:
        raise FormRefused(remarks)
    return values


def known_thresholds(rows: Iterable[SheetRow], own: str = "") -> dict[tuple[str, str, str], float]:
    """The same of rows that were published once: what a later release does not know is left out."""
    return _read(rows, own)[0]


def _read(rows: Iterable[SheetRow], own: str) -> tuple[dict[tuple[str, str, str], float], list[Remark]]:
    values: dict[tuple[str, str, str], float] = {}
    firsts: dict[tuple[str, str, str], int] = {}
    remarks: list[Remark] = []
    for row in rows:
        faults = [*_columns(row), *_own(row, own)]
        number, fault = _value(row)
        faults += [fault] if fault else []
        where = (own or row["form"], row["code"], row["name"])
        first = firsts.setdefault(where, row.row)
        if not faults and first != row.row:
            faults.append(_at(TWICE, row, "name", code=row["code"], name=row["name"], first=str(first)))
        if not faults:
            values[where] = number
        remarks += faults
    return values, remarks


def _at(remark: Remark, row: SheetRow, column: str, **details: str) -> Remark:
    return replace(remark, sheet=row.sheet, row=row.row, column=column, details=details)


def _columns(row: SheetRow) -> list[Remark]:
    return [
        _at(COLUMN_UNKNOWN, row, column, nearest=nearest_name(column, list(COLUMNS)))
        for column in row.cells
        if column.partition("::")[0] not in COLUMNS
    ]


def _own(row: SheetRow, own: str) -> list[Remark]:
    if own and row["form"] not in {"", own}:
        return [_at(NOT_ITS_OWN, row, "form", form=own)]
    return []


def _value(row: SheetRow) -> tuple[float, Remark | None]:
    code, name, text = row["code"], row["name"], row["value"]
    check = CHECKS.get(code)
    if check is None:
        return 0.0, _at(CODE_UNKNOWN, row, "code", code=code, nearest=nearest_name(code, list(CHECKS)))
    threshold = check.numbers.get(name)
    if threshold is None:
        return 0.0, _at(NAME_UNKNOWN, row, "name", code=code, name=name, known=", ".join(check.numbers))
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = float("nan")
    if threshold.least <= number <= threshold.most:
        return number, None
    bounds = {"least": f"{threshold.least:g}", "most": f"{threshold.most:g}"}
    return 0.0, _at(VALUE_WRONG, row, "value", code=code, name=name, value=text, **bounds)
