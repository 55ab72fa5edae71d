"""The answers to a form as they lie in its tables: for files, page by page, newest record first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    func,
    null,
    outerjoin,
    select,
)
from sqlalchemy.orm import Session

from forms.exports.csv_text import REPEAT, SYSTEM, Packed
from forms.rows import Column, Layout, TableLayout
from forms.schema import Node
from forms.values import codes
from storage.cuts import visible
from storage.database import line_of
from storage.models import Actor, Form, FormVersion, Submission
from storage.portable_lists import in_one_array
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries import encrypted
from storage.queries.odata_filter import NO_FILTER, RecordFilter
from storage.scope import Scope, current
from storage.snapshot import report_snapshot
from storage.swift import Line, Swift

_CELLS = 100_000
"""Cells a page aims at: some ten megabytes, however many questions the form has."""

_FIRST_PAGE, _LONGEST_PAGE = 100, 2_000
_COLUMNS = 1_000
"""Columns one statement asks for; both databases have a limit not far above."""

Row: TypeAlias = Sequence[Any]
Tables: TypeAlias = Mapping[str, AnswerTable]
_Column: TypeAlias = SQLColumnExpression[Any]
_Select: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Selection:
    """The records an export is made of: those of a form (or of its draft) that are not deleted.

    `upto` is the newest record there was when it began, `count` how many there were; `scope` holds the
    places of whoever asked, for a file is still being written when his request is long over. `only`
    narrows them further, to deleted ones too if it speaks of those. `encrypted`: some records of the form
    cannot be read, and have no rows.
    """

    form_id: int
    draft: bool
    upto: int
    count: int
    scope: Scope
    only: RecordFilter = NO_FILTER
    encrypted: bool = False

    @property
    def condition(self) -> ColumnElement[bool]:
        """Which submissions these are."""
        return and_(
            Submission.form_id == self.form_id,
            Submission.draft == self.draft,
            _of(self.only),
            Submission.id <= self.upto,
            visible(Submission.place_code, self.scope),
        )


def _of(only: RecordFilter) -> ColumnElement[bool]:
    return only.condition if only.asks_deleted else and_(only.condition, Submission.deleted_at.is_(None))


def everything(
    session: Session, form_id: int, *, draft: bool = False, only: RecordFilter = NO_FILTER
) -> Selection:
    """Every record of a form as of now, or `only` some."""
    upto, count = session.execute(
        select(func.max(Submission.id), func.count()).where(
            Submission.form_id == form_id, Submission.draft == draft, _of(only)
        )
    ).one()
    some = encrypted.has_some(session, form_id)
    return Selection(form_id, draft, upto or 0, count, current(), only, some)


def most_rows(session: Session, selection: Selection) -> dict[str, int]:
    """By path of each repeat: how many rows of it one row of what is around it has at most."""
    found = {}
    for path, table in answer_tables(session, selection.form_id, draft=selection.draft).items():
        if path:
            most = select(func.max(table.table.c.ordinal)).select_from(
                table.table.join(Submission, Submission.id == table.table.c.submission_id)
            )
            found[path] = session.scalar(most.where(selection.condition)) or 0
    return found


def layout_of(tables: Tables) -> Layout:
    """Every column there is, those of questions no longer asked too."""
    return Layout(
        tuple(
            TableLayout(
                path,
                table.parent,
                tuple(Column(one.path, one.cell, one.name) for one in table.questions.values()),
            )
            for path, table in tables.items()
        )
    )


class File(Protocol):
    """What a reader fills: the table at `path`, and the columns `reads` of it, in that order.

    They begin with SYSTEM (the root) or REPEAT, then come `as_sent` and physical columns.
    """

    @property
    def path(self) -> str:
        """Path of the repeat, "" for the root."""

    @property
    def reads(self) -> Sequence[str]:
        """Names of columns."""

    @property
    def packs(self) -> bool:
        """Whether rows may come as `Packed`."""

    @property
    def in_front(self) -> int:
        """How many of the first ones stand before that array then."""


F = TypeVar("F", bound=File)


class Pages(Generic[F]):
    """The answers of a selection for several files at once, some hundred records at a time.

    Each page is read in one snapshot, so that the rows of a record always belong together, and none is
    held while a page is written out to whoever waits for it. A record that is edited meanwhile comes
    whole, as it was or as it is; one that came later is not in it.

    `plan` gives the files for the tables as they are, the root first; it is asked again when a
    rebuild or a new version of the form has changed the tables.
    """

    def __init__(self, selection: Selection, plan: Callable[[Tables], Sequence[F]]) -> None:
        self._selection = selection
        self._plan = plan
        self._generation = -1
        self._before = selection.upto + 1
        self._size = _FIRST_PAGE
        self._reads: list[_Read[F]] = []

    def __iter__(self) -> Iterator[list[tuple[F, list[Row]]]]:
        """For each page: every file with its rows, in the order of the plan; one page at least."""
        with report_snapshot() as session:
            page = self._page(session)
        yield page
        while page[0][1]:
            with report_snapshot() as session:
                page = self._page(session)
            if page[0][1]:
                yield page

    def _page(self, session: Session) -> list[tuple[F, list[Row]]]:
        self._look_at_tables(session)
        line = line_of(session)
        root, *repeats = self._reads
        newest = self._before - 1
        numbered = root.rows(line, {"newest": newest, "size": self._size})
        if numbered:
            self._before = numbered[-1][-1]
        ends = {"newest": newest, "oldest": self._before}
        page = [(root.file, numbered)]
        page += [(one.file, one.rows(line, ends) if numbered else []) for one in repeats]
        self._adapt(len(numbered), sum(len(rows) * len(file.reads) for file, rows in page))
        return page

    def _look_at_tables(self, session: Session) -> None:
        form_id = self._selection.form_id
        generation = session.execute(select(Form.generation).where(Form.id == form_id)).scalar_one()
        if generation == self._generation:
            return
        self._generation = generation
        tables = answer_tables(session, form_id, draft=self._selection.draft)
        dialect = line_of(session).dialect.name
        self._reads = [
            _Read(file, tables[file.path], self._selection, dialect) for file in self._plan(tables)
        ]

    def _adapt(self, records: int, cells: int) -> None:
        """Long repeats make short pages."""
        if records:
            fitting = _CELLS * records // max(cells, 1)
            self._size = max(1, min(fitting, self._size * 4, _LONGEST_PAGE))


class _Read(Generic[F]):
    """The statements that read one file, a page at a time."""

    def __init__(self, file: F, table: AnswerTable, selection: Selection, dialect: str) -> None:
        self.file = file
        self._root = not file.path
        columns = _system_columns(table, selection) if self._root else _repeat_columns(table)
        own = SYSTEM if self._root else REPEAT
        wanted: list[_Column] = [columns[name] for name in own]
        sent, *answers = (_physical(table, name) for name in file.reads[len(own) :])
        first = wanted[: file.in_front]
        packed = in_one_array(dialect, [*answers, *wanted[file.in_front :]]) if file.packs else None
        self._packed = packed is not None
        wanted += [sent, *answers]
        if packed is not None:
            wanted = [*first, sent, packed]
        if self._root:
            wanted.append(Submission.id)
        self._parts = [
            Swift(_ordered(table, wanted[start : start + _COLUMNS], selection))
            for start in range(0, len(wanted), _COLUMNS)
        ]

    def rows(self, line: Line, ends: Mapping[str, int]) -> list[Row]:
        """The rows as the driver gives them; in the root each ends with the number of its record.

        `ends`: the `newest` record and, in the root, the `size` of the page, else the `oldest` one.
        """
        parts: list[list[Row]] = [[*part.all(line, ends)] for part in self._parts]
        rows = parts[0]
        for more in parts[1:]:
            rows = [(*left, *right) for left, right in zip(rows, more, strict=True)]
        rows = _with_moment(rows) if self._root else rows
        return Packed(rows) if self._packed else rows


def _with_moment(rows: list[Row]) -> list[Row]:
    """SQLite keeps a moment as `2026-08-03 02:00:00.000000`, UTC."""
    if not rows or not isinstance(rows[0][0], str):
        return rows
    return [(f"{made[:10]}T{made[11:23]}Z", *rest) for made, *rest in rows]


def _ordered(table: AnswerTable, columns: Sequence[_Column], selection: Selection) -> _Select:
    """The rows of live records, newest record first, within a record as the phone wrote them."""
    same = Submission.id == table.table.c.submission_id
    source: FromClause = table.joined.join(Submission, same)
    if selection.encrypted and not table.path:
        source = outerjoin(Submission, table.joined, same)
    query = select(*columns).where(
        selection.condition, Submission.id <= bindparam("newest", type_=BigInteger)
    )
    if table.path:
        query = query.where(Submission.id >= bindparam("oldest", type_=BigInteger))
        return query.select_from(source).order_by(Submission.id.desc(), table.table.c.seq)
    source = source.join(FormVersion, FormVersion.id == Submission.form_version_id)
    source = source.outerjoin(Actor, Actor.id == Submission.submitter_id)
    return query.select_from(source).order_by(Submission.id.desc()).limit(bindparam("size", type_=Integer))


def _system_columns(table: AnswerTable, selection: Selection) -> dict[str, _Column]:
    some = selection.encrypted
    return {
        "submission_date": Submission.created_at,
        "key": Submission.instance_id if some else table.table.c.key,
        "submitter_id": Submission.submitter_id,
        "submitter_name": Actor.display_name,
        "attachments_present": Submission.files_present,
        "attachments_expected": Submission.files_expected,
        "status": encrypted.status(encrypted.CSV) if some else null(),
        "review_state": Submission.review_state,
        "device_id": Submission.device_id,
        "edits": Submission.edits,
        "form_version": FormVersion.version,
    }


def _repeat_columns(table: AnswerTable) -> dict[str, _Column]:
    return {name: table.table.c[name] for name in REPEAT}


def _physical(table: AnswerTable, name: str) -> ColumnElement[Any]:
    return next(piece.c[name] for piece in table.pieces if name in piece.c)


def codes_in_use(session: Session, selection: Selection, nodes: Sequence[Node]) -> dict[str, list[str]]:
    """By path of each select_multiple: the codes its answers hold, sorted."""
    tables = answer_tables(session, selection.form_id, draft=selection.draft)
    return {
        node.path: sorted(_codes(session, selection, tables[node.table], node.path))
        for node in nodes
        if node.select_multiple
    }


def _codes(session: Session, selection: Selection, table: AnswerTable, path: str) -> set[str]:
    column = table.column(path)
    source = table.joined.join(Submission, Submission.id == table.table.c.submission_id)
    answers = select(column).select_from(source).where(selection.condition, column.is_not(None)).distinct()
    texts = session.execute(answers.execution_options(yield_per=1_000)).scalars()
    return {code for text in texts for code in codes(str(text))}
