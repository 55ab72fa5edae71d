"""Records chosen to be listed or changed together: those ticked, or all that match a filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from forms.conditions import Read
from storage.database import Base
from storage.models import Actor, Finding, Submission
from storage.portable import string
from storage.portable_texts import PlaceOf, finds
from storage.projection.tables import AnswerTable
from storage.queries.odata_filter import compiled, table_columns
from storage.queries.places import subtree

RECEIVED = "received"
"""What a record without a review state is called in a filter."""

_NAMES = Base.metadata.tables["record_names"].c


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records of a form: by review state, place, and whether they lie deleted.

    `places` are codes, their subtrees count; `placeless`: those without one. `ids` are instance ids, none:
    all that match. `words` are folded, each begins a word of what the record is called, or else it is the
    record whose number is `receipt`; `sender` is looked for in the name of whoever sent it. `since` and
    `until` bound the moment of receipt, the end left out. `findings`: with one that is open; `photos`: with a
    file that is missing. `answers` is what `on_answers` makes. `draft`: those that tried the draft out.
    """

    form_id: int
    deleted: bool = False
    state: str = ""
    places: tuple[str, ...] | None = None
    placeless: bool = False
    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    receipt: int | None = None
    sender: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    findings: bool = False
    photos: bool = False
    draft: bool = False
    answers: ColumnElement[bool] | None = field(default=None, compare=False)

    def condition(self) -> ColumnElement[bool]:
        """The condition on `Submission`."""
        parts = [Submission.form_id == self.form_id, Submission.draft.is_(self.draft)]
        parts.append(Submission.deleted_at.is_not(None) if self.deleted else Submission.deleted_at.is_(None))
        if self.state == RECEIVED:
            parts.append(Submission.review_state.is_(None))
        elif self.state:
            parts.append(Submission.review_state == self.state)
        if self.placeless:
            parts.append(Submission.place_code.is_(None))
        elif self.places is not None:
            parts.append(Submission.place_code.in_(subtree(self.places)))
        if self.ids:
            parts.append(Submission.instance_id.in_(self.ids))
        return and_(*parts, *self._rarer())

    @property
    def narrows(self) -> bool:
        """Whether it asks for anything but the live or the deleted records."""
        return self != Filter(self.form_id, self.deleted, draft=self.draft) or self.answers is not None

    def _rarer(self) -> Iterator[ColumnElement[bool]]:
        if self.since is not None:
            yield Submission.created_at >= self.since
        if self.until is not None:
            yield Submission.created_at < self.until
        if self.photos:
            yield Submission.files_present < Submission.files_expected
        if self.sender:
            named = (finds(Actor.display_name.expression, string(word)) for word in self.sender)
            yield Submission.submitter_id.in_(select(Actor.id).where(*named))
        if self.findings:
            mine = (Finding.submission_id == Submission.id, Finding.state == "open")
            yield select(Finding.id).where(*mine).correlate(Submission).exists()
        if self.words:
            said = (PlaceOf(_NAMES.searched, string(f" {word}")) > 0 for word in self.words)
            called = select(_NAMES.submission_id).where(_NAMES.submission_id == Submission.id, *said)
            by_name = called.correlate(Submission).exists()
            yield by_name if self.receipt is None else or_(by_name, Submission.id == self.receipt)
        if self.answers is not None:
            yield self.answers


def on_answers(
    tables: Mapping[str, AnswerTable], several: Iterable[Read], now: datetime
) -> ColumnElement[bool] | None:
    """The condition on `Submission` that several conditions on its answers mean; None without any.

    Those on one repeat hold of one and the same row of it: a woman over sixty, not a woman and somebody
    over sixty.
    """
    by_table: dict[str, list[Read]] = {}
    for one in several:
        by_table.setdefault(one.table, []).append(one)
    parts = [_some_row(tables, path, asked, now) for path, asked in by_table.items()]
    return and_(*parts) if parts else None


def _some_row(
    tables: Mapping[str, AnswerTable], path: str, asked: Sequence[Read], now: datetime
) -> ColumnElement[bool]:
    table = tables[path]
    pieces = {table.questions[one.asked.path].piece for one in asked}
    # The pieces that hold no answer asked for need not be read.
    source = table.pieces[pieces.pop()] if len(pieces) == 1 else None
    number = (table.table if source is None else source).c.submission_id
    rows = select(number).select_from(table.joined if source is None else source)
    column = table_columns(tables, path)
    rows = rows.where(number == Submission.id, *(compiled(one.tree, column, now) for one in asked))
    return rows.correlate(Submission).exists()


def count(session: Session, chosen: Filter) -> dict[str, int]:
    """How many records there are, by review state."""
    rows = session.execute(
        select(Submission.review_state, func.count())
        .where(chosen.condition())
        .group_by(Submission.review_state)
    )
    return {state or RECEIVED: number for state, number in rows}


def numbers(session: Session, chosen: Filter) -> Sequence[int]:
    """The numbers of the records, oldest first."""
    return session.scalars(select(Submission.id).where(chosen.condition()).order_by(Submission.id)).all()


def held(session: Session, several: Sequence[int]) -> Iterator[Submission]:
    """Some hundred records by number, kept from others until the transaction ends."""
    yield from session.scalars(
        select(Submission).where(Submission.id.in_(several)).order_by(Submission.id).with_for_update()
    )
