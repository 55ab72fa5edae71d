"""Our own sheets of two workbooks side by side: indicators, targets, checks that came, went or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.phrases import template

KEYS: Mapping[str, tuple[str, ...]] = {
    "indicators": ("code",),
    "targets": ("indicator", "plan", "area", "where", "period"),
    "checks": ("code",),
    "thresholds": ("code", "name"),
    "roles": (),
    "recognition": (),
    "decisions": ("code",),
}
"""Sheet to the columns that tell its rows apart; none: the row as a whole is new or gone."""

SHEETS: Mapping[str, str] = {
    "indicators": template("Indicators"),
    "targets": template("Targets"),
    "checks": template("Checks"),
    "thresholds": template("Limits of checks"),
    "roles": template("Roles of questions"),
    "recognition": template("Conditions of recognition"),
    "decisions": template("Decisions to take"),
    "marks": template("Personal data and roles of questions"),
}
"""The sheets, as an office calls them."""

COLUMNS: Mapping[str, str] = {
    "label": template("name"),
    "numerator": template("what is counted"),
    "denominator": template("out of what"),
    "where": template("only where"),
    "value": template("target"),
    "comparison": template("comparison"),
    "constraint": template("holds when"),
    "message": template("message"),
    "severity": template("severity"),
    "disaggregate": template("split by"),
    "definition": template("definition"),
    "source": template("source"),
    "unit": template("unit"),
    "deadline": template("deadline"),
    "pii": template("personal data"),
}
"""Columns whose names an office reads in words; others are named as in the workbook."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell before and after. `column` as the workbook names it, its language after `::`."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is new (`what` added), gone (removed) or changed; `code` tells which, `label` names it."""

    sheet: str
    what: str
    code: str
    label: str = ""
    cells: tuple[Cell, ...] = ()


def row_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[RowDifference, ...]:
    """What differs between our sheets of two versions, as a version keeps them (`Extras.plain`)."""
    found = [
        one
        for sheet, keys in KEYS.items()
        for one in _sheet(sheet, keys, _rows(old, sheet), _rows(new, sheet))
    ]
    return (*found, *_marks(old.get("marks", {}), new.get("marks", {})))


def _rows(sheets: Mapping[str, Any], name: str) -> list[Mapping[str, str]]:
    return [row["cells"] for row in sheets.get(name, ())]


def _sheet(
    sheet: str, keys: Sequence[str], old: list[Mapping[str, str]], new: list[Mapping[str, str]]
) -> Iterator[RowDifference]:
    before, after = _keyed(keys, old), _keyed(keys, new)
    for key, row in after.items():
        if key not in before:
            yield RowDifference(sheet, "added", _code(keys, row), _label(row), tuple(_cells({}, row)))
        else:
            cells = tuple(_cells(before[key], row))
            if cells:
                yield RowDifference(sheet, "changed", _code(keys, row), _label(row), cells)
    for key, row in before.items():
        if key not in after:
            yield RowDifference(sheet, "removed", _code(keys, row), _label(row), tuple(_cells(row, {})))


def _keyed(keys: Sequence[str], rows: list[Mapping[str, str]]) -> dict[tuple[str, ...], Mapping[str, str]]:
    """Rows by what tells them apart; several of one key are numbered, so that none is lost."""
    found: dict[tuple[str, ...], Mapping[str, str]] = {}
    for row in rows:
        key = tuple(row.get(name, "") for name in keys) if keys else tuple(map(str, row.values()))
        number = 1
        while (*key, str(number)) in found:
            number += 1
        found[(*key, str(number))] = row
    return found


def _code(keys: Sequence[str], row: Mapping[str, str]) -> str:
    return " · ".join(filter(None, (row.get(name, "") for name in keys or list(row)[:3])))


def _label(row: Mapping[str, str]) -> str:
    return next((text for column, text in row.items() if column.startswith("label") and text), "")


def _cells(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Cell]:
    for column in dict.fromkeys((*new, *old)):
        before, after = old.get(column, ""), new.get(column, "")
        if before != after and column != "note":
            yield Cell(column, before, after)


def _marks(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[RowDifference]:
    """Questions both versions have whose class of personal data, or role, changed."""
    for path, mark in new.items():
        cells = tuple(
            Cell(name, old[path].get(name, ""), mark.get(name, ""))
            for name in ("pii", "unit")
            if path in old and old[path].get(name, "") != mark.get(name, "")
        )
        if cells:
            yield RowDifference("marks", "changed", path.rpartition("/")[2], cells=cells)
