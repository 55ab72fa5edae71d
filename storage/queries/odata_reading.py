"""Rows of answers for OData, read by their keys: some hundred at a time, on statements compiled once."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, FromClause, Integer, bindparam, case, literal, null, outerjoin, select
from sqlalchemy.orm import Session

from forms.odata.model import ID, SYSTEM, Model, Repeat, Table
from forms.odata.rows import Row, address_of, converters, frame_of
from forms.odata.selecting import EVERYTHING, Selection
from forms.rows import Cell
from forms.values import iso_instant
from storage.database import line_of
from storage.models import Actor, FormVersion, Submission
from storage.portable import Some
from storage.portable_lists import among_numbers
from storage.projection.tables import AnswerTable
from storage.queries import encrypted
from storage.swift import Line, Swift

Key: TypeAlias = tuple[int, int]
"""Number of a record, and of the row in the table; 0 in the root."""

_COLUMNS = 1_000
"""Columns one statement asks for; both databases have a limit not far above."""

_KEPT = 64


@dataclass(frozen=True)
class Shown:
    """What is shown of a table: `tables` are the form's, `selection` what of each row.

    `inside`: its rows stand in those of another table, and need not say in which. `encrypted`: it is the
    root, and some records have no row in it because nobody here can read them.
    """

    model: Model
    tables: Mapping[str, AnswerTable]
    path: str
    selection: Selection = EVERYTHING
    wkt: bool = False
    expanded: bool = False
    inside: bool = False
    encrypted: bool = False

    @property
    def table(self) -> Table:
        """The table as OData knows it."""
        return self.model.tables[self.path]


class Reader:
    """Reads rows of one table by their keys."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._statement = _Statement(shown)
        self._frame = self._statement.frame
        self._repeats = self._frame.all_repeats
        self._converters = [
            (self._statement.cells + place, convert)
            for place, convert in converters(self._frame.reads, wkt=shown.wkt)
        ]
        below = [path for path in shown.model.tables if _lies_in(path, shown.path)] if shown.expanded else []
        self._below = [reader_of(_inner(shown, path)) for path in reversed(below)]

    def rows(self, session: Session, keys: Sequence[Key]) -> tuple[list[Row], int]:
        """The rows of these keys, in that order, and how many cells were read for them."""
        if not keys:
            return [], 0
        line = line_of(session)
        numbers = sorted({number for number, _seq in keys})
        seqs = [seq for _number, seq in keys]
        values = {"numbers": json.dumps(numbers), "first": min(seqs), "last": max(seqs)}
        found: dict[str, dict[str, list[Row]]] = {}
        cells = 0
        for inner in self._below:
            cells += inner.gather(line, values, found)
        wanted = dict.fromkeys(keys)
        read = {
            (one[0], one[1]): one for one in self._statement.all(line, values) if (one[0], one[1]) in wanted
        }
        made = [self._row(read[key], found) for key in keys if key in read]
        return made, cells + len(read) * self._statement.width

    def gather(self, line: Line, values: Mapping[str, Any], found: dict[str, dict[str, list[Row]]]) -> int:
        """Add every row of these records to `found`, by table and by the row around; returns their cells."""
        rows = self._statement.all(line, {**values, "first": 0, "last": (1 << 31) - 1})
        mine = found.setdefault(self._shown.path, {})
        for one in rows:
            mine.setdefault(one[3], []).append(self._row(one, found))
        return len(rows) * self._statement.width

    def _row(self, read: Sequence[Any], found: Mapping[str, Mapping[str, list[Row]]]) -> Row:
        shown, statement = self._shown, self._statement
        key: str = read[2]
        row: Row = {ID: key} if shown.selection.row_id else {}
        if statement.system:
            noted = _noted(read[statement.heads : statement.cells])
            row["__system"] = {name: noted[name] for name in SYSTEM if name in shown.selection.system}
        elif statement.parent:
            row[shown.table.parent_id] = read[3]
        cells: Sequence[Any] = read
        if self._converters:
            cells = [*read]
            for place, convert in self._converters:
                if cells[place] is not None:
                    cells[place] = convert(str(cells[place]))
        made = self._frame.fill(row, cells)
        if self._repeats:
            address = address_of(shown.model, shown.table, key)
            self._frame.link(made, self._inside(read, found), address)
        return row

    def _inside(
        self, read: Sequence[Any], found: Mapping[str, Mapping[str, list[Row]]]
    ) -> Callable[[Repeat], list[Row] | bool]:
        if self._shown.expanded:
            return lambda repeat: found[repeat.path].get(read[2], [])
        flags = {one.path: read[4 + place] for place, one in enumerate(self._repeats)}
        return lambda repeat: bool(flags[repeat.path])


def _inner(shown: Shown, path: str) -> Shown:
    return Shown(shown.model, shown.tables, path, EVERYTHING, shown.wkt, expanded=True, inside=True)


def _lies_in(path: str, outer: str) -> bool:
    return path != outer and path.startswith(f"{outer}/")


class _Statement:
    """Parts of a statement side by side; each row begins with record, number, key, key of the row around.

    Then come a flag for each repeat, what is noted of the record, and from `cells` on the answers.
    """

    def __init__(self, shown: Shown) -> None:
        self.system = not shown.path and bool(shown.selection.system)
        self.parent = bool(shown.path) and shown.selection.parent_id and not shown.inside
        flags = [] if shown.expanded else frame_of(shown.table, shown.selection).all_repeats
        self.heads = 4 + len(flags)
        self.cells = self.heads + (len(SYSTEM) if self.system else 0)
        self.frame = frame_of(shown.table, shown.selection, self.cells)
        wanted = [*_keys(shown), *(_has_rows(shown, repeat) for repeat in flags)]
        if self.system:
            known = _SYSTEM_COLUMNS if not shown.encrypted else _SYSTEM_COLUMNS | _ENCRYPTED
            wanted += [known[name] for name in SYSTEM]
        table = shown.tables[shown.path]
        wanted += [_cell(table, leaf.node.path) for leaf in self.frame.reads]
        self.width = len(wanted)
        self._parts = [
            Swift(_ordered(shown, wanted[start : start + _COLUMNS], _source(shown, system=self.system)))
            for start in range(0, self.width, _COLUMNS)
        ]

    def all(self, line: Line, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        rows = self._parts[0].all(line, values)
        for part in self._parts[1:]:
            rows = [(*one, *more) for one, more in zip(rows, part.all(line, values), strict=True)]
        return rows


def _keys(shown: Shown) -> list[Some]:
    own = shown.tables[shown.path].table.c
    if shown.encrypted:
        return [Submission.id.expression, literal(0, Integer()), Submission.instance_id.expression, null()]
    if not shown.path:
        return [own.submission_id, literal(0, Integer()), own.key, null()]
    return [own.submission_id, own.seq, own.key, own.parent_key]


def _source(shown: Shown, *, system: bool) -> FromClause:
    table = shown.tables[shown.path]
    if not system and not shown.encrypted:
        return table.joined
    same = Submission.id == table.table.c.submission_id
    source: FromClause = (
        outerjoin(Submission, table.joined, same) if shown.encrypted else table.joined.join(Submission, same)
    )
    source = source.join(FormVersion, FormVersion.id == Submission.form_version_id)
    return source.outerjoin(Actor, Actor.id == Submission.submitter_id)


def _ordered(shown: Shown, columns: Sequence[Some], source: FromClause) -> Any:
    own = shown.tables[shown.path].table.c
    if shown.encrypted:
        number = Submission.id.expression
        found = select(*columns).select_from(source).where(among_numbers(number, "numbers"))
        return found.order_by(number)
    query = select(*columns).select_from(source).where(among_numbers(own.submission_id, "numbers"))
    if not shown.path:
        return query.order_by(own.submission_id)
    first, last = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
    return query.where(own.seq.between(first, last)).order_by(own.submission_id, own.seq)


def _has_rows(shown: Shown, repeat: Repeat) -> Some:
    table, rows = shown.tables[shown.path], shown.tables[repeat.path].table.alias()
    query = select(literal(1)).where(rows.c.submission_id == table.table.c.submission_id)
    if table.path:
        query = query.where(rows.c.parent_key == table.table.c.key)
    return query.correlate(table.table).exists()


def _cell(table: AnswerTable, path: str) -> Some:
    column = table.column(path)
    if table.questions[path].cell is not Cell.DATETIME:
        return column
    # What phones sent that is no moment would stop a program that was told it is one.
    return case((table.column(path, "_at").is_not(None), column))


_SYSTEM_COLUMNS: dict[str, Some] = {
    "submissionDate": Submission.created_at.expression,
    "updatedAt": Submission.updated_at.expression,
    "deletedAt": Submission.deleted_at.expression,
    "submitterId": Submission.submitter_id.expression,
    "submitterName": Actor.display_name.expression,
    "attachmentsPresent": Submission.files_present.expression,
    "attachmentsExpected": Submission.files_expected.expression,
    "status": null(),
    "reviewState": Submission.review_state.expression,
    "deviceId": Submission.device_id.expression,
    "edits": Submission.edits.expression,
    "formVersion": FormVersion.version.expression,
}


_ENCRYPTED: dict[str, Some] = {"status": encrypted.status(encrypted.ODATA)}


def _noted(read: Iterable[Any]) -> Row:
    noted = dict(zip(SYSTEM, read, strict=True))
    for name in ("submissionDate", "updatedAt", "deletedAt"):
        noted[name] = moment_text(noted[name])
    submitter = noted["submitterId"]
    noted["submitterId"] = None if submitter is None else str(submitter)
    return noted


def moment_text(value: str | datetime | None) -> str | None:
    """A moment as the driver gives it, `2026-08-03 02:00:00.000000` UTC on SQLite, as the wire has it."""
    if value is None:
        return None
    return f"{value[:10]}T{value[11:23]}Z" if isinstance(value, str) else iso_instant(value)


_lock = threading.Lock()
_readers: OrderedDict[tuple[object, ...], Reader] = OrderedDict()


def reader_of(shown: Shown) -> Reader:
    """The reader of what is shown; kept, because building a statement costs as much as a page."""
    # The first piece itself, not its name: another server in this process may have one of that name.
    how = (shown.selection, shown.wkt, shown.expanded, shown.inside, shown.encrypted)
    key = (shown.tables[""].table, shown.path, *how)
    with _lock:
        found = _readers.get(key)
        if found is not None:
            _readers.move_to_end(key)
            return found
    made = Reader(shown)
    with _lock:
        _readers[key] = made
        while len(_readers) > _KEPT:
            _readers.popitem(last=False)
    return made
