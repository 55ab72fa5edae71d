"""Tables of answers for OData: which rows, in which order, page by page.

A page is a short walk in an index, wherever it begins: first the keys of its rows, then the rows. Each page
is read in one moment; what comes in between pages is not in them, for they go from the newest to the oldest.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from forms.odata.model import Model
from forms.odata.problems import SkiptokenUnknown
from forms.odata.rows import Row
from forms.odata.selecting import EVERYTHING, Selection
from forms.odata.tree import Expression, Field, Source, fields
from storage import portable
from storage.cuts import within
from storage.models import Form, Submission
from storage.portable import Some, Truth
from storage.portable_texts import starts_with
from storage.projection.catalogue import answer_tables
from storage.projection.tables import AnswerTable
from storage.queries import encrypted
from storage.queries.odata_filter import asks_deleted, compiled, ordered, table_columns
from storage.queries.odata_reading import Key, Shown, reader_of
from storage.scope import Scope, current
from storage.snapshot import report_snapshot

_FIRST_PAGE, _LONGEST_PAGE = 250, 1_000
_CELLS = 100_000
"""Cells a page aims at: some ten megabytes, however many questions and repeats the form has."""

Tables: TypeAlias = Mapping[str, AnswerTable]
_Select: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Wanted:
    """What is asked for of a table.

    `after` is the id of the row after which to go on, `record` that of the only record, `inside` the id of
    the only row around, however far, `row` that of the only row. `now` is what `now()` says in the filter.
    """

    form_id: int
    draft: bool
    path: str
    now: datetime
    filter: Expression | None = None
    order: tuple[tuple[Field, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    after: str | None = None
    record: str | None = None
    inside: str | None = None
    row: str | None = None


@dataclass(frozen=True)
class Showing:
    """How the rows are shown: see `storage.queries.odata_reading.Shown`."""

    model: Model
    selection: Selection = EVERYTHING
    wkt: bool = False
    expanded: bool = False


class Feed:
    """The rows of what is wanted. `more` tells afterwards whether `top` left any; `last` is the last id."""

    def __init__(self, wanted: Wanted, showing: Showing, tables: Tables, generation: int) -> None:
        self._wanted = wanted
        self._showing = showing
        self._tables = tables
        self._generation = generation
        self._scope: Scope = current()
        self._size = _FIRST_PAGE
        self._encrypted: bool | None = None
        self.more = False
        self.last: Key | None = None

    def count(self) -> int:
        """How many rows there are, `top`, `skip` and `after` apart."""
        with within(self._scope), report_snapshot() as session:
            found = session.execute(_counted(self._wanted, self._look_at(session))).scalar_one()
        return int(found)

    def pages(self) -> Iterator[list[Row]]:
        """The rows, some hundred at a time. Raises SkiptokenUnknown before the first."""
        yield from self._in_order() if self._wanted.order else self._newest_first()

    def last_id(self, session: Session) -> str:
        """What the last row is called."""
        tables = self._look_at(session)
        number, seq = self.last or (0, 0)
        if not self._wanted.path:
            return str(
                session.execute(select(Submission.instance_id).where(Submission.id == number)).scalar_one()
            )
        table = tables[self._wanted.path].table
        query = select(table.c.key).where(table.c.submission_id == number, table.c.seq == seq)
        return str(session.execute(query).scalar_one())

    def _newest_first(self) -> Iterator[list[Row]]:
        after = self._anchor()
        skip, left = self._wanted.skip, self._wanted.top
        while True:
            size = self._size if left is None else min(self._size, left)
            with within(self._scope), report_snapshot() as session:
                tables = self._look_at(session)
                query = _keys(self._wanted, tables, after).offset(skip or None).limit(size + 1)
                found = [(number, seq) for number, seq in session.execute(query)]
                keys = found[:size]
                rows = self._read(session, tables, keys)
            yield rows
            left = None if left is None else left - len(keys)
            if keys:
                self.last = after = keys[-1]
            skip, self.more = 0, len(found) > size
            if not self.more or left == 0:
                return

    def _anchor(self) -> Key | None:
        if self._wanted.after is None:
            return None
        with within(self._scope), report_snapshot() as session:
            found = _place_of(session, self._wanted, self._look_at(session))
        if found is None and self._wanted.path:
            raise SkiptokenUnknown
        # Nobody comes after a record that never was.
        return found or (0, 0)

    def _in_order(self) -> Iterator[list[Row]]:
        """Sorted once; only the numbers of the rows are held while they are sent."""
        wanted = self._wanted
        limit = None if wanted.top is None else wanted.top + 1
        numbers, seqs = array("q"), array("q")
        with within(self._scope), report_snapshot() as session:
            query = _keys(wanted, self._look_at(session), None).offset(wanted.skip or None).limit(limit)
            for number, seq in session.execute(query.execution_options(yield_per=_LONGEST_PAGE)):
                numbers.append(number)
                seqs.append(seq)
        self.more = wanted.top is not None and len(numbers) > wanted.top
        end = len(numbers) - self.more
        at = 0
        while at == 0 or at < end:
            keys = [*zip(numbers[at : min(at + self._size, end)], seqs[at:end], strict=False)]
            with within(self._scope), report_snapshot() as session:
                rows = self._read(session, self._look_at(session), keys)
            yield rows
            if not keys:
                return
            at, self.last = at + len(keys), keys[-1]

    def _look_at(self, session: Session) -> Tables:
        """The tables as they are now: a rebuild or a new version may have changed them."""
        wanted = self._wanted
        generation = session.execute(select(Form.generation).where(Form.id == wanted.form_id)).scalar_one()
        if generation != self._generation:
            self._tables = answer_tables(session, wanted.form_id, draft=wanted.draft)
            self._generation = generation
        return self._tables

    def _read(self, session: Session, tables: Tables, keys: Sequence[Key]) -> list[Row]:
        one, path = self._showing, self._wanted.path
        if self._encrypted is None:
            self._encrypted = not path and encrypted.has_some(session, self._wanted.form_id)
        shown = Shown(
            one.model, tables, path, one.selection, one.wkt, one.expanded, encrypted=self._encrypted
        )
        rows, cells = reader_of(shown).rows(session, keys)
        if rows:
            self._size = max(1, min(_CELLS * len(rows) // max(cells, 1), self._size * 4, _LONGEST_PAGE))
        return rows


def _meant(wanted: Wanted, tables: Tables) -> Truth:
    deleted = wanted.filter is not None and asks_deleted(wanted.filter)
    own = tables[wanted.path].table.c
    parts = [Submission.form_id == wanted.form_id, Submission.draft.is_(wanted.draft)]
    if not deleted:
        parts.append(Submission.deleted_at.is_(None))
    if wanted.record is not None:
        parts.append(Submission.instance_id == wanted.record)
    if wanted.inside is not None:
        # The key of a row begins with those of the rows around it.
        parts.append(starts_with(own.key, portable.string(f"{wanted.inside}/")))
    if wanted.row is not None:
        parts.append(own.key == wanted.row)
    if wanted.filter is not None:
        parts.append(compiled(wanted.filter, table_columns(tables, wanted.path), wanted.now))
    return and_(*parts)


def _over(query: _Select, wanted: Wanted, tables: Tables) -> _Select:
    """A question over the tables it needs: the answers only where it asks for some."""
    table = tables[wanted.path]
    asked = [*fields(wanted.filter)] if wanted.filter is not None else []
    asked += [one for one, _descending in wanted.order]
    answers = any(one.source is Source.ANSWER and one.table == wanted.path for one in asked)
    found = query.select_from(Submission)
    if wanted.path or answers:
        joined = table.joined if answers else table.table
        found = found.join(joined, Submission.id == table.table.c.submission_id)
    return found.where(_meant(wanted, tables))


def _keys(wanted: Wanted, tables: Tables, after: Key | None) -> _Select:
    own = tables[wanted.path].table.c
    seq: Some = own.seq if wanted.path else literal(0)
    query: _Select = _over(select(Submission.id, seq), wanted, tables)
    if after is not None:
        query = query.where(_beyond(after, own.seq if wanted.path else None))
    newest: list[Some] = [Submission.id.desc(), *([own.seq] if wanted.path else [])]
    if not wanted.order:
        return query.order_by(*newest)
    column = table_columns(tables, wanted.path)
    clauses: list[Some] = []
    for asked, descending in wanted.order:
        value = ordered(asked, column)
        # Central's order: what is missing stands below everything.
        clauses.append(value.desc().nulls_last() if descending else value.asc().nulls_first())
    # Equal ones come in the direction of the first clause, as in Central.
    first = Submission.id.desc() if wanted.order[0][1] else Submission.id.asc()
    return query.order_by(*clauses, first, *newest[1:])


def _beyond(after: Key, seq: Some | None) -> Truth:
    number, last = after
    if seq is None:
        return Submission.id < number
    # The first part alone can be looked up in an index.
    return and_(Submission.id <= number, or_(Submission.id < number, seq > last))


def _counted(wanted: Wanted, tables: Tables) -> _Select:
    return _over(select(func.count()), replace(wanted, order=()), tables)


def _place_of(session: Session, wanted: Wanted, tables: Tables) -> Key | None:
    """The key of the row called `after`, whether its record is deleted or not."""
    called = wanted.after or ""
    steps = called.split("/")
    # The id of a record may hold slashes of its own.
    records = [called] if not wanted.path else ["/".join(steps[:end]) for end in range(1, len(steps))]
    numbers = session.scalars(
        select(Submission.id).where(
            Submission.form_id == wanted.form_id,
            Submission.draft.is_(wanted.draft),
            Submission.instance_id.in_(records),
        )
    ).all()
    if not wanted.path:
        return (numbers[0], 0) if numbers else None
    own = tables[wanted.path].table.c
    query = select(own.submission_id, own.seq).where(own.submission_id.in_(numbers), own.key == called)
    found = session.execute(query).first()
    return (found.submission_id, found.seq) if found else None
