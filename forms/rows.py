"""⑥ An answered form, laid flat: one row for the root table, one per repeat instance.

The storage names tables and columns; this file only reads answers into them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import orjson
from lxml import etree

from forms import values


class Cell(StrEnum):
    """How a question is kept in a column; the value names the kind in the catalogue."""

    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    GEOPOINT = "geopoint"


CELL_OF_TYPE: dict[str, Cell] = {
    "int": Cell.INT,
    "decimal": Cell.DECIMAL,
    "date": Cell.DATE,
    "time": Cell.TIME,
    "dateTime": Cell.DATETIME,
    "geopoint": Cell.GEOPOINT,
}
"""Bind type to cell; every other type is TEXT."""

PARTS: dict[Cell, tuple[tuple[str, str], ...]] = {
    Cell.TEXT: (("", "text"),),
    Cell.INT: (("", "integer"),),
    Cell.DECIMAL: (("", "real"),),
    Cell.DATE: (("", "date"),),
    # The offset the phone wrote is part of the answer, and a column of instants cannot keep it:
    # the text as sent, and beside it what can be compared and sorted.
    Cell.TIME: (("", "text"), ("_at", "time")),
    Cell.DATETIME: (("", "text"), ("_at", "instant")),
    Cell.GEOPOINT: (("", "text"), ("_lat", "real"), ("_lon", "real"), ("_alt", "real"), ("_acc", "real")),
}
"""Cell to its physical columns: (suffix of the column's name, kind of column)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A question's place in a table: `name` is the physical column, its parts are name + suffix."""

    path: str
    cell: Cell
    name: str
    binary: bool = False


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A logical table: `path` of its repeat ("" = root), `parent` path of the table around it."""

    path: str
    parent: str | None
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Layout:
    """The tables one form version writes, outer before inner, root first."""

    tables: tuple[TableLayout, ...]

    @cached_property
    def by_path(self) -> dict[str, TableLayout]:
        """Path to table."""
        return {table.path: table for table in self.tables}

    @cached_property
    def reader(self) -> Reader:
        """What `lay_flat` needs, worked out once for all the submissions of this version."""
        return Reader(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd in an answer that was kept all the same.

    `check` is a stable code (`value_unreadable`, `unknown_question`, `unknown_choice` …), `path` the
    question, `key` the row it stands in, `value` the text as sent (at most 500 characters).
    """

    check: str
    path: str
    key: str
    value: str


@dataclass(slots=True)
class Flat:
    """A submission as rows. `rows[path]` lists dictionaries ready to insert.

    Each holds `key`, `parent_key` (None in the root table), `seq` (place in the whole table for this
    submission, from 1, document order), `ordinal` (place under its parent, from 1), `as_sent` (JSON
    text or None: {column name: text} where the typed value would print otherwise or could not be
    read), `blank` (comma-separated names of columns whose question was shown and left empty, or
    None), and every physical column of the layout. `files` are the expected file names, once each,
    in document order. Encrypted ones have no rows; `encrypted` (else None) names the file of answers, or "".
    """

    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    encrypted: str | None = None


MOST_CELLS: Final = 1_000_000
"""Physical columns times rows of one submission; past that, a few bytes of XML fill the memory."""

MOST_FINDINGS: Final = 500
"""Findings of one submission; past that, nobody reads them."""

_LONGEST_VALUE = 500
_TEMPLATE = "{http://openrosa.org/javarosa}template"
_METADATA = "{http://openrosa.org/xforms"


def lay_flat(root: etree._Element, layout: Layout, key: str) -> Flat:
    """The submission under `root` as rows; `key` names it, and its repeats by Central's rule.

    That is `<key>/<group>/<repeat>[<ordinal>]`, and so on inwards. An absent question is None; an
    empty one is "" where text is kept, else None with the column's name in `blank`. Whatever cannot
    be kept as asked becomes a finding: `value_unreadable`, `unknown_question` (once a path),
    `answered_twice` (the first is kept), `file_name_unusable`, `too_many_rows`.
    """
    run = _Run(layout.reader)
    run.open_row(root, layout.reader.tables[""], key, None)
    run.flat.files.extend(run.files)
    return run.flat


def unknown_choices(flat: Flat, layout: Layout, choices: Mapping[str, frozenset[str]]) -> list[Finding]:
    """An `unknown_choice` for each answer with a code that its list, by question path, has not."""
    findings: list[Finding] = []
    for table in layout.tables:
        asked = [
            (column.name, column.path, choices[column.path])
            for column in table.columns
            if column.path in choices
        ]
        for row in flat.rows.get(table.path, ()) if asked else ():
            for name, path, known in asked:
                answer = row[name]
                if not answer or answer in known or not isinstance(answer, str):
                    continue
                if not known.issuperset(values.codes(answer)):
                    finding = Finding("unknown_choice", path, str(row["key"]), answer[:_LONGEST_VALUE])
                    findings.append(finding)
    return findings[:MOST_FINDINGS]


class Reader:
    """A Layout as a tree: for each place of the form, what to do with each element inside."""

    def __init__(self, layout: Layout) -> None:
        self.tables = {table.path: _Table(table) for table in layout.tables}
        for table in layout.tables:
            own = self.tables[table.path]
            if table.parent is not None:
                self.tables[table.parent].place.take_with(table.path, "", own.take)
            for column in table.columns:
                own.place.take_with(column.path, column.name, _taker(column))


class _Place:
    """The root, a group or a repeat: its path, and by local name what to do with what stands there.

    That is the column of a question, and a function to take its answer; None for plain text, which
    most answers are. Groups and repeats have no column.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.steps: dict[object, tuple[str, _Take | None]] = {}
        self.groups: dict[str, _Place] = {}

    def take_with(self, path: str, name: str, take: _Take | None) -> None:
        """Add a step at `path`; groups on the way are made, for they have no rows of their own."""
        place = self
        *groups, last = path[len(self.path) + 1 :].split("/")
        for group in groups:
            inner = place.groups.setdefault(group, _Place(f"{place.path}/{group}"))
            place.steps[group] = ("", inner.walk)
            place = inner
        place.steps[last] = (name, take)

    def walk(self, run: _Run, element: etree._Element, row: _Row, _: str) -> None:
        """Take all that stands directly in the element; every answer passes here."""
        step_for, cells = self.steps.get, row.cells
        for child in element:
            step = step_for(child.tag) or self.look_closer(run, child, row)
            if step is None:
                continue
            name, take = step
            if take is not None:
                take(run, child, row, name)
            elif cells[name] is None:
                cells[name] = child.text or ""
            else:
                run.twice(name, row, child.text)

    def look_closer(self, run: _Run, child: etree._Element, row: _Row) -> tuple[str, _Take | None] | None:
        """The step of an element with a namespace; else a finding, unless the phone put it there."""
        tag = child.tag
        if not isinstance(tag, str):
            return None  # a comment, or an entity that was left alone
        space, _, name = tag.rpartition("}")
        if space and name in self.steps:
            return self.steps[name]
        metadata = "meta" in {name, self.path.rpartition("/")[2]} or space == _METADATA
        # An empty one holds no answer; groups without a question have no step either.
        empty = not len(child) and not (child.text or "").strip()
        if not (metadata or empty) and child.get(_TEMPLATE) is None:
            run.once("unknown_question", f"{self.path}/{name}", row, child.text)
        return None


class _Table:
    """A table to be: the row nobody answered, and the place its questions stand in."""

    def __init__(self, layout: TableLayout) -> None:
        self.path = layout.path
        self.suffix = layout.path[len(layout.parent or "") :]
        self.place = _Place(layout.path)
        self.paths = {column.name: column.path for column in layout.columns}
        own = ("key", "parent_key", "seq", "ordinal", "as_sent", "blank")
        parts = (column.name + part for column in layout.columns for part, _ in PARTS[column.cell])
        self.unanswered: dict[str, object] = dict.fromkeys((*own, *parts))

    def take(self, run: _Run, element: etree._Element, row: _Row, _: str) -> None:
        """An element of the repeat: a row."""
        if element.get(_TEMPLATE) is not None:
            return
        if run.cells > MOST_CELLS:
            run.once("too_many_rows", self.path, row, None)
            return
        ordinal = row.repeated[self.path] = row.repeated.get(self.path, 0) + 1
        run.open_row(element, self, f"{row.key}{self.suffix}[{ordinal}]", row)


class _Row:
    """A row while it is read; `untyped` tells empty questions (True) from unreadable ones (False)."""

    __slots__ = ("as_sent", "cells", "key", "repeated", "table", "untyped")

    def __init__(self, table: _Table, key: str) -> None:
        self.table = table
        self.key = key
        self.cells = table.unanswered.copy()
        self.as_sent: dict[str, str] = {}
        self.untyped: dict[str, bool] = {}
        self.repeated: dict[str, int] = {}

    def close(self) -> None:
        """Write down what was gathered on the way."""
        if self.as_sent:
            self.cells["as_sent"] = orjson.dumps(self.as_sent).decode()
        if self.untyped:
            self.cells["blank"] = ",".join(n for n, empty in self.untyped.items() if empty) or None


class _Run:
    """One submission, read once from top to bottom."""

    def __init__(self, reader: Reader) -> None:
        self.flat = Flat({path: [] for path in reader.tables})
        self.files: dict[str, None] = {}
        self.told: set[str] = set()
        self.cells = 0

    def open_row(self, element: etree._Element, table: _Table, key: str, parent: _Row | None) -> None:
        """A new row of the table, filled from the element and all that lies in it."""
        rows = self.flat.rows[table.path]
        row = _Row(table, key)
        cells = row.cells
        cells["key"] = key
        cells["parent_key"] = None if parent is None else parent.key
        cells["ordinal"] = 1 if parent is None else parent.repeated[table.path]
        rows.append(cells)
        cells["seq"] = len(rows)
        self.cells += len(cells)
        table.place.walk(self, element, row, "")
        row.close()

    def twice(self, name: str, row: _Row, text: str | None) -> None:
        """A question answered again in the same row: the first answer stays."""
        self.note("answered_twice", row.table.paths[name], row, text)

    def once(self, check: str, path: str, row: _Row, text: str | None) -> None:
        """A finding that would be the same in every row: one a path says it."""
        if path not in self.told and len(self.told) < MOST_FINDINGS:
            self.told.add(path)
            self.note(check, path, row, text)

    def note(self, check: str, path: str, row: _Row, text: str | None) -> None:
        """Something odd that was kept all the same."""
        if len(self.flat.findings) < MOST_FINDINGS:
            finding = Finding(check, path, row.key, (text or "").strip()[:_LONGEST_VALUE])
            self.flat.findings.append(finding)


_Take = Callable[[_Run, etree._Element, _Row, str], None]  # noqa: SLF001 - lxml's own name for the type


def _take_file(run: _Run, element: etree._Element, row: _Row, name: str) -> None:
    """A question whose answer names a file; a form's own picture (`jr://…`) is no file to wait for."""
    if row.cells[name] is not None:
        run.twice(name, row, element.text)
        return
    row.cells[name] = element.text or ""
    file = (element.text or "").strip()
    if values.is_file_name(file):
        run.files[file] = None
    elif file and not file.startswith("jr://"):
        run.note("file_name_unusable", row.table.paths[name], row, file)


def _typed(
    exact: Callable[[str], object], read: Callable[[str], object], tells: Callable[[Any, str], bool]
) -> _Take:
    """A taker of numbers or dates: `exact` first; the text stays beside a value that `tells` less."""

    def take(run: _Run, element: etree._Element, row: _Row, name: str) -> None:
        text = element.text
        if row.cells[name] is not None or name in row.untyped:
            run.twice(name, row, text)
        elif text is None or text.isspace():
            row.untyped[name] = True
        elif (plain := exact(text)) is not None:
            row.cells[name] = plain
        else:
            try:
                value = row.cells[name] = read(text)
            except ValueError:
                blank = row.untyped[name] = text.strip() == values.NO_NUMBER
                if not blank:
                    row.as_sent[name] = text
                    run.note("value_unreadable", row.table.paths[name], row, text)
                return
            if not tells(value, text):
                row.as_sent[name] = text

    return take


def _paired(parts: tuple[tuple[str, str], ...], read: Callable[[str], tuple[object, ...]]) -> _Take:
    """A taker of moments or points: the text as sent, and beside it what can be compared."""
    suffixes = [suffix for suffix, _ in parts if suffix]

    def take(run: _Run, element: etree._Element, row: _Row, name: str) -> None:
        text = element.text or ""
        if row.cells[name] is not None:
            run.twice(name, row, text)
            return
        row.cells[name] = text
        if not text or text.isspace():
            return
        try:
            for suffix, part in zip(suffixes, read(text), strict=True):
                row.cells[name + suffix] = part
        except ValueError:
            run.note("value_unreadable", row.table.paths[name], row, text)

    return take


_TAKERS: dict[Cell, _Take | None] = {
    Cell.TEXT: None,
    Cell.INT: _typed(values.exact_int, values.read_int, lambda number, text: str(number) == text),
    Cell.DECIMAL: _typed(values.exact_decimal, values.read_decimal, lambda n, t: values.java_double(n) == t),
    # A day that was read is `2026-01-02` or longer, and printing it costs more than all the rest.
    Cell.DATE: _typed(values.exact_date, values.read_date, lambda _, text: len(text) == len("2026-01-02")),
    Cell.TIME: _paired(PARTS[Cell.TIME], lambda text: (values.read_time(text),)),
    Cell.DATETIME: _paired(PARTS[Cell.DATETIME], lambda text: (values.read_instant(text),)),
    Cell.GEOPOINT: _paired(PARTS[Cell.GEOPOINT], values.read_point),
}


def _taker(column: Column) -> _Take | None:
    # An audit log is a file whatever its bind says.
    if column.binary or column.path == "/meta/audit":
        return _take_file
    return _TAKERS[column.cell]
