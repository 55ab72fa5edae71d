"""① Our own sheets of a survey's workbook: roles and privacy of questions, figures, targets, checks.

Why: an officer who can write a form in Excel can define a figure in Excel; the converter does not
know these sheets, and here nothing but their text is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.problems import FormRefused
from forms.remarks import Remark
from forms.schema import Schema
from forms.spreadsheet import SheetRow, Workbook

PII = ("none", "indirect", "direct", "sensitive")
"""Classes of personal data, from harmless to what the law protects most."""

UNITS = ("place", "date", "period", "centre", "household", "person")
"""Roles a question can have."""

DEFINITIONS = ("indicators", "targets", "recognition", "decisions")
"""Sheets that define figures; a workbook with one of them and no sheet `survey` is a programme's."""

UNKNOWN_PII = Remark("“{value}” is no class of personal data.", "Use one of: {allowed}.")
UNKNOWN_UNIT = Remark("“{value}” is no role of a question.", "Use one of: {allowed}.")
REMARKS = (UNKNOWN_PII, UNKNOWN_UNIT)
"""Everything this file may say."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the survey sheet says of a question beyond the form: `pii` and `unit`, "" = unsaid."""

    pii: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Extras:
    """Our part of a workbook. Cells are keyed by column name as `column_name` folds it.

    `marks` is keyed by the path of the question in the schema; `counts` is `settings.counts`, `web_edit`
    whether people may change in a browser what they have sent ("" = unsaid: they may).
    """

    marks: Mapping[str, Marks] = field(default_factory=dict)
    indicators: tuple[SheetRow, ...] = ()
    targets: tuple[SheetRow, ...] = ()
    checks: tuple[SheetRow, ...] = ()
    thresholds: tuple[SheetRow, ...] = ()
    roles: tuple[SheetRow, ...] = ()
    counts: str = ""
    decisions: tuple[SheetRow, ...] = ()
    recognition: tuple[SheetRow, ...] = ()
    web_edit: str = ""

    @property
    def definitions(self) -> Mapping[str, tuple[SheetRow, ...]]:
        """The sheets that define figures and what is demanded of them, by name."""
        return {name: getattr(self, name) for name in DEFINITIONS}

    def plain(self) -> dict[str, Any]:
        """Our sheets as a version keeps them: numbered rows, cells by column."""
        sheets = (*DEFINITIONS, "checks", "thresholds", "roles")
        return {
            "marks": {path: {"pii": mark.pii, "unit": mark.unit} for path, mark in self.marks.items()},
            "counts": self.counts,
            **({"web_edit": self.web_edit} if self.web_edit else {}),
        } | {
            name: [{"row": one.row, "cells": dict(one.cells)} for one in getattr(self, name)]
            for name in sheets
        }


def read_extras(workbook: Workbook, schema: Schema | None = None) -> Extras:
    """Read our sheets; `schema` is that of the form made from the same workbook, None for a programme.

    Raises FormRefused with a remark for each `pii` or `unit` that is none.
    """
    settings = next(iter(workbook.rows("settings")), None)
    return Extras(
        marks=_marks(workbook, schema) if schema else {},
        indicators=_rows(workbook, "indicators"),
        targets=_rows(workbook, "targets"),
        checks=_rows(workbook, "checks"),
        thresholds=_rows(workbook, "thresholds"),
        roles=_rows(workbook, "roles"),
        counts=settings["counts"] if settings else "",
        decisions=_rows(workbook, "decisions"),
        recognition=_rows(workbook, "recognition"),
        web_edit=settings["web_edit"].strip().lower() if settings else "",
    )


def is_programme(sheets: Collection[str]) -> bool:
    """Whether a workbook with sheets of these names, in small letters, defines figures and asks nothing."""
    return "survey" not in sheets and any(name in sheets for name in DEFINITIONS)


def column_name(header: str) -> str:
    """A column's name as our sheets know it: lower case, underscores; the language after `::` stays."""
    name, colons, language = header.partition("::")
    return re.sub(r"[\s-]+", "_", name.strip().lower()) + colons + language.strip()


def _rows(workbook: Workbook, sheet: str) -> tuple[SheetRow, ...]:
    return tuple(_folded(row) for row in workbook.rows(sheet))


def _folded(row: SheetRow) -> SheetRow:
    return SheetRow(row.sheet, row.row, {column_name(header): text for header, text in row.cells.items()})


def _marks(workbook: Workbook, schema: Schema) -> dict[str, Marks]:
    marks: dict[str, Marks] = {}
    remarks: list[Remark] = []
    for path, row in _questions(workbook):
        if path not in schema.by_path or not (row["pii"] or row["unit"]):
            continue
        marks[path] = Marks(row["pii"].lower(), row["unit"].lower())
        remarks.extend(_faults(row))
    if remarks:
        raise FormRefused(remarks)
    return marks


def _faults(row: SheetRow) -> Iterator[Remark]:
    for column, allowed, template in (("pii", PII, UNKNOWN_PII), ("unit", UNITS, UNKNOWN_UNIT)):
        if row[column] and row[column].lower() not in allowed:
            details = {"value": row[column], "allowed": ", ".join(allowed)}
            yield Remark(template.cause, template.remedy, row.sheet, row.row, column, details)


_STRUCTURE = re.compile(r"^(?P<move>begin|end)[ _](?:group|repeat|loop)$")


def _questions(workbook: Workbook) -> Iterator[tuple[str, SheetRow]]:
    """Every named row of the survey sheet with the path its groups and repeats give it."""
    above: list[str] = []
    for row in map(_folded, workbook.rows("survey")):
        found = _STRUCTURE.match(" ".join(row["type"].lower().split()))
        if found and found["move"] == "end":
            del above[-1:]
            continue
        name = row["name"] or ("audit" if row["type"] == "audit" else "")
        if not name:
            continue
        yield "/" + "/".join([*above, name]), row
        if found:
            above.append(name)
