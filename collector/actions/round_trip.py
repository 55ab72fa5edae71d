"""⑦ Rows of a form out to Excel and back: what differs, cell by cell, becomes corrections in one batch.

A record that was changed after the sheet was made is never overwritten: its version says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from sqlalchemy.orm import Session

from collector.actions import batches
from collector.actions.batches import Planned, Tally, Task
from collector.actions.bulk import MOST_CORRECTED
from collector.actions.corrections import Corrections, Officer, Standing, Why
from forms.corrections import sheet
from forms.corrections.checking import Refusal, editable
from forms.corrections.filled import Spot, is_row
from forms.corrections.logic import Logic
from forms.corrections.sheet import Returned, SheetColumn, SheetLine, cell_text, cell_value
from forms.phrases import template
from forms.schema import Node
from storage.groups import in_groups
from storage.models import Form
from storage.problems import SheetUnusable, TooManyRecords
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries import choosing
from storage.queries.choosing import Filter
from storage.queries.sheet_rows import Laid, rows_by_record, rows_of
from storage.snapshot import snapshot

KIND = "round_trip"
MOST_COLUMNS = 390
"""Questions of a sheet: more than Excel users scroll through, fewer than a sheet may bring back."""

MOST_ROWS = 20_000
SHOWN = 300
"""Cells a preview shows of each sort."""

_AT_ONCE = 200

KEY_UNKNOWN = template("There is no such row among the records of this form. Leave KEY as it was downloaded.")
KEY_TWICE = template("The row stands in the file twice. Keep one of the two.")
CHANGED = template("The record was changed since the download. Download the rows again and correct it there.")
UNREADABLE = template("The record cannot be corrected here.")


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that came back other than it went: row in Excel, record, question, old and new text.

    `refusal` says why it is not taken.
    """

    row: int
    name: str
    spot: Spot
    old: str
    new: str
    refusal: Refusal | None = None


@dataclass
class Plan:
    """What a sheet would change: the records with what is typed, and cells to show, cut off at SHOWN."""

    rows: int = 0
    cells: int = 0
    refusals: int = 0
    taken: list[CellChange] = field(default_factory=list)
    refused: list[CellChange] = field(default_factory=list)
    records: dict[int, Planned] = field(default_factory=dict)

    def take(self, one: CellChange) -> None:
        """A cell that would be corrected."""
        self.cells += 1
        if len(self.taken) < SHOWN:
            self.taken.append(one)

    def refuse(self, one: CellChange) -> None:
        """A cell that stays as it is."""
        self.refusals += 1
        if len(self.refused) < SHOWN:
            self.refused.append(one)


def tables_of(logic: Logic) -> list[str]:
    """The tables of a form whose rows can go out: the root "" and its repeats."""
    return ["", *(node.path for node in logic.schema.repeats)]


def columns_of(logic: Logic, table: str, label: Mapping[str, str]) -> list[SheetColumn]:
    """The columns of a table's sheet, in the order of the form; `label` has the words of its questions."""
    nodes = [node for node in logic.schema.questions if node.table == table and _shown(node)]
    if len(nodes) > MOST_COLUMNS:
        nodes = [node for node in nodes if editable(node, logic)][:MOST_COLUMNS]
    return [SheetColumn(node.path, label.get(node.path, node.name), editable(node, logic)) for node in nodes]


def _shown(node: Node) -> bool:
    return not node.path.startswith("/meta") and not node.binary


def download(
    session: Session, form: Form, chosen: Filter, columns: Sequence[SheetColumn], file: IO[bytes]
) -> int:
    """Write the rows of the chosen records into an .xlsx; returns how many. Raises TooManyRecords."""
    numbers = choosing.numbers(session, chosen)
    if len(numbers) > MOST_ROWS:
        raise TooManyRecords(count=len(numbers), limit=MOST_ROWS)
    form_id = form.id
    table = answer_tables(session, form_id, draft=False)[_table_of(session, form, columns)]
    return sheet.write_sheet(file, columns, _lines(table, [one.path for one in columns], numbers))


def _table_of(session: Session, form: Form, columns: Sequence[SheetColumn]) -> str:
    tables = answer_tables(session, form.id, draft=False)
    first = columns[0].path if columns else ""
    return next((path for path, table in tables.items() if first in table.questions), "")


def _lines(table: AnswerTable, paths: Sequence[str], numbers: Sequence[int]) -> Iterator[SheetLine]:
    for some in in_groups(numbers, _AT_ONCE):
        with snapshot() as session:
            several = list(rows_of(session, table, paths, some))
        for one in several:
            yield SheetLine(f"{one.record}{one.row}", one.version, one.answers)


# Back ---------------------------------------------------------------------------------------------


def look(corrections: Corrections, form_id: int, data: bytes, file_name: str, officer: Officer) -> Plan:
    """What a sheet that came back would change; nothing is written.

    Raises SheetUnusable, TooManyRecords, FormRefused.
    """
    paths, rows = sheet.read_sheet(data, file_name)
    with snapshot() as session:
        form = session.get_one(Form, form_id)
        tables = answer_tables(session, form_id, draft=False)
        table = next((one for one in tables.values() if paths and paths[0] in one.questions), None)
        if table is None:
            raise SheetUnusable(missing="KEY, VERSION" if not paths else paths[0])
        for path in paths:
            if path not in table.questions:
                raise SheetUnusable(missing=path[:100])
        session.expunge(form)
    reading = _Reading(corrections, form, _Asked(table, paths), officer)
    for some in in_groups(rows, _AT_ONCE):
        reading.compare(some)
    reading.check()
    return reading.plan


@dataclass(frozen=True, slots=True)
class _Asked:
    """The table a sheet is about, and its questions."""

    table: AnswerTable
    paths: Sequence[str]


class _Reading:
    """A sheet compared with what is stored, some rows at a time; only what differs is kept."""

    def __init__(self, corrections: Corrections, form: Form, asked: _Asked, officer: Officer) -> None:
        self._corrections, self._form, self._officer = corrections, form, officer
        self._table, self._paths = asked.table, asked.paths
        self._seen: set[str] = set()
        self._cells: dict[int, list[CellChange]] = {}
        self._bases: dict[int, str] = {}
        self.plan = Plan()

    def compare(self, some: Sequence[Returned]) -> None:
        """Note the cells of these rows that differ from what is stored."""
        records = sorted({_record(one.key) for one in some})
        with snapshot() as session:
            stored = {
                f"{one.record}{one.row}": one
                for one in rows_by_record(session, self._table, self._paths, self._form.id, records)
            }
        for one in some:
            self.plan.rows += 1
            if self.plan.rows > MOST_ROWS:
                raise TooManyRecords(count=self.plan.rows, limit=MOST_ROWS)
            laid = stored.get(one.key)
            if laid is None or one.key in self._seen:
                sentence = KEY_TWICE if one.key in self._seen else KEY_UNKNOWN
                self._refuse_row(one, sentence)
                continue
            self._seen.add(one.key)
            self._compare(one, laid)

    def _refuse_row(self, one: Returned, sentence: str) -> None:
        self.plan.refuse(CellChange(one.row, one.key[:100], Spot("", ""), "", "", Refusal(sentence)))

    def _compare(self, one: Returned, laid: Laid) -> None:
        for path in self._paths:
            old, new = cell_text(cell_value(laid.answers.get(path))), one.texts[path]
            if old == new:
                continue
            cell = CellChange(one.row, laid.name, Spot(laid.row, path), old, new)
            if one.version != laid.version:
                self.plan.refuse(_refused(cell, Refusal(CHANGED)))
                continue
            self._cells.setdefault(laid.number, []).append(cell)
            self._bases[laid.number] = laid.version
        if len(self._cells) > MOST_CORRECTED:
            raise TooManyRecords(count=len(self._cells), limit=MOST_CORRECTED)

    def check(self) -> None:
        """Hold what differs to the form's own rules."""
        for some in in_groups(self._cells, _AT_ONCE):
            with snapshot() as session:
                form = session.get_one(Form, self._form.id)
                standings = {one.record.id: one for one in self._corrections.standings(session, form, some)}
                for number in some:
                    self._check(number, standings.get(number))

    def _check(self, number: int, standing: Standing | None) -> None:
        cells = self._cells[number]
        if standing is None:
            for cell in cells:
                self.plan.refuse(_refused(cell, Refusal(UNREADABLE)))
            return
        typed = {cell.spot: cell.new for cell in cells}
        refused = dict(self._corrections.amended(standing, typed, self._officer).refused)
        for cell in cells:
            if cell.spot in refused:
                self.plan.refuse(_refused(cell, refused[cell.spot]))
            else:
                self.plan.take(cell)
        left = {spot: text for spot, text in typed.items() if spot not in refused}
        if left:
            self.plan.records[number] = Planned(number, self._bases[number], left)


def _refused(cell: CellChange, refusal: Refusal) -> CellChange:
    return CellChange(cell.row, cell.name, cell.spot, cell.old, cell.new, refusal)


def _record(key: str) -> str:
    """The record a row's key belongs to."""
    at = key.find("/")
    return key[:at] if at >= 0 and is_row(key[at:]) else key


@dataclass(frozen=True, slots=True)
class Upload:
    """A sheet to be applied: by whom, why, its name, and what tells one attempt from another."""

    officer: Officer
    reason: str
    file_name: str
    ticket: str


def run(corrections: Corrections, form: Form, data: bytes, upload: Upload) -> int:
    """Apply what a sheet changes as corrections in one batch; returns its number. Raises as `look` does."""
    form_id, project_id = form.id, form.project_id
    plan = look(corrections, form_id, data, upload.file_name, upload.officer)
    summary = {
        "form_id": form_id,
        "reason": upload.reason,
        "ticket": upload.ticket,
        "cells": plan.cells,
        "refused_cells": plan.refusals,
    }
    number = batches.begin(project_id, KIND, upload.officer, summary, upload.file_name)
    if number < 0:
        return -number
    tally = Tally()
    task = Task(corrections, form_id, Why(upload.officer, upload.reason, number))
    batches.correct(task, (plan.records[one] for one in sorted(plan.records)), tally)
    batches.finish(number, tally)
    return number


def undo(corrections: Corrections, project_id: int, number: int, officer: Officer) -> Tally:
    """Take a sheet back; what changed since stays. Raises BatchNotFound, BatchUndone."""
    return batches.undo(corrections, project_id, KIND, number, officer)
