"""Members of an entity list from a spreadsheet: looked up, told what is wrong, entered, taken back.

Why in steps: twenty thousand members in one transaction would keep every phone waiting. A file goes in only
when nothing is wrong with it; each step is a whole number of rows, the batch counts them, and an entry that
broke off is gone on with, or taken back, from where it stopped.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import member_rows
from forms.member_rows import LABEL, NAME, MemberRow, MemberRows, at, read_members
from forms.remarks import Remark, Weight
from storage.cuts import can_see, within
from storage.database import transaction
from storage.entities import by_hand, lists, undoing
from storage.entities.by_hand import Written
from storage.entities.placing import USUAL, Placing
from storage.entities.writing import Source, lock
from storage.groups import in_groups
from storage.models import Batch, Entity, EntityList
from storage.queries.batches import with_ticket
from storage.scope import WHOLE, current

KIND = "entities"
STEP = 100
"""Rows entered in one transaction."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it was understood, nothing of it entered yet. `known` are ids of members that are there."""

    rows: tuple[MemberRow, ...]
    columns: tuple[str, ...]
    remarks: tuple[Remark, ...]
    known: frozenset[str] = frozenset()

    @property
    def errors(self) -> tuple[Remark, ...]:
        """What keeps the whole file out."""
        return tuple(remark for remark in self.remarks if remark.weight == Weight.ERROR)

    @property
    def changed(self) -> int:
        """How many rows change a member that is there."""
        return sum(one.uuid in self.known for one in self.rows)

    @property
    def added(self) -> int:
        """How many rows make a member."""
        return len(self.rows) - self.changed


def check(session: Session, where: EntityList, data: bytes, filename: str) -> Checked:
    """Read a file and look everything in it up, within the places of whoever sends it.

    Raises FormRefused for a file that is no such list.
    """
    several = lists.properties(session, where.id)
    computed = [one.name for one in several if one.computed]
    read = read_members(data, filename, [one.name for one in several], computed=computed)
    known = _known(session, where, read.rows)
    remarks = [
        *read.remarks,
        *_known_remarks(read, known),
        *_place_remarks(session, where, read, known),
        *_twins(session, where, read),
    ]
    remarks.sort(key=lambda remark: (remark.row, remark.weight != Weight.ERROR))
    living = frozenset(uuid_ for uuid_, one in known.items() if one.deleted_at is None)
    return Checked(read.rows, tuple(read.columns.values()), tuple(remarks), living)


def _known(session: Session, where: EntityList, rows: Sequence[MemberRow]) -> dict[str, Entity]:
    """The members the file names by id, wherever they lie: an id is taken everywhere."""
    found: dict[str, Entity] = {}
    for some in in_groups(one.uuid for one in rows if one.uuid):
        with within(WHOLE):
            for one in session.scalars(
                select(Entity).where(Entity.list_id == where.id, Entity.uuid.in_(some))
            ):
                found[one.uuid] = one
    return found


def _known_remarks(read: MemberRows, known: dict[str, Entity]) -> Iterator[Remark]:
    column = read.columns.get(NAME, NAME)
    for one in read.rows:
        member = known.get(one.uuid)
        if member is not None and member.deleted_at is not None:
            yield at(member_rows.MEMBER_DELETED, one.row, column)
        if member is None and one.uuid and not one.label:
            yield at(member_rows.LABEL_MISSING, one.row, read.columns[LABEL])


def _place_remarks(
    session: Session, where: EntityList, read: MemberRows, known: dict[str, Entity]
) -> Iterator[Remark]:
    placing = Placing(session)
    names = [where.place_property] if where.place_property else [one for one in USUAL if one in read.columns]
    for one in read.rows:
        for name in names:
            text = one.values.get(name or "", "")
            if text and placing.of(where, {name or "": text}) is None:
                yield at(member_rows.PLACE_UNKNOWN, one.row, name or "", text=text[:60])
                break
        else:
            yield from _outside(session, placing, where, one, known.get(one.uuid))


def _outside(
    session: Session, placing: Placing, where: EntityList, one: MemberRow, member: Entity | None
) -> Iterator[Remark]:
    if current().whole:
        return
    data = {**(member.data if member is not None else {}), **one.values}
    codes = {placing.of(where, data), member.place_code if member is not None else None}
    if member is None:
        codes = {placing.of(where, data)}
    if not all(code is not None and can_see(session, [code]) for code in codes):
        shown = ", ".join(sorted(code for code in codes if code)) or "–"
        yield at(member_rows.PLACE_OUTSIDE, one.row, text=shown)


def _twins(session: Session, where: EntityList, read: MemberRows) -> Iterator[Remark]:
    fresh = [one for one in read.rows if not one.uuid and one.label]
    there: set[tuple[str, str | None]] = set()
    for some in in_groups(sorted({one.label for one in fresh})):
        rows = session.execute(
            select(Entity.label, Entity.place_code).where(
                Entity.list_id == where.id, Entity.deleted_at.is_(None), Entity.label.in_(some)
            )
        )
        there.update((row[0], row[1]) for row in rows)
    placing = Placing(session)
    for one in fresh:
        if (one.label, placing.of(where, one.values)) in there:
            yield at(member_rows.LIKELY_TWICE, one.row, read.columns[LABEL])


# Entering ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Import:
    """Which list is filled, who does it, from which file; `ticket` tells one attempt from another."""

    list_id: int
    project_id: int
    actor_id: int | None
    file_name: str
    ticket: str
    now: datetime


def enter(checked: Checked, wanted: Import) -> int:
    """Enter the rows of a file that was found good; returns the number of their batch.

    The same ticket again goes on where it stopped. What goes wrong on the way takes the whole back.
    """
    with transaction() as session:
        number = _batch(session, checked, wanted)
    source = Source(wanted.actor_id, wanted.now, batch_id=number)
    rows = ((one.uuid or _fresh_id(wanted, one.row), one) for one in checked.rows)
    try:
        for some in in_groups(rows, STEP):
            with transaction() as session:
                _enter(session, session.get_one(EntityList, wanted.list_id), some, checked.known, source)
    except Exception:
        # Whatever went wrong, half a list helps nobody; a stop (no Exception) is gone on with later.
        undo(number, actor_id=wanted.actor_id, now=wanted.now)
        raise
    with transaction() as session:
        batch = session.get_one(Batch, number)
        batch.summary = {**batch.summary, "done": True}
    return number


def _batch(session: Session, checked: Checked, wanted: Import) -> int:
    before = with_ticket(session, wanted.project_id, KIND, wanted.ticket)
    if before is not None:
        return before.id
    summary = {
        "list_id": wanted.list_id,
        "added": checked.added,
        "changed": checked.changed,
        "ticket": wanted.ticket,
        "done": False,
    }
    batch = Batch(project_id=wanted.project_id, actor_id=wanted.actor_id, created_at=wanted.now)
    return begin(session, batch, wanted.file_name, summary).id


def begin(session: Session, batch: Batch, name: str, summary: dict[str, Any]) -> Batch:
    """Lay down what is being entered into a list, before the first of it."""
    batch.kind, batch.file_name, batch.summary = KIND, name[:255], summary
    session.add(batch)
    session.flush()
    return batch


def _enter(
    session: Session,
    where: EntityList,
    several: Sequence[tuple[str, MemberRow]],
    known: frozenset[str],
    source: Source,
) -> None:
    uuids = [uuid_ for uuid_, _one in several]
    lock(session, uuids)
    # Asked under lock: an impatient finger may have sent the same attempt twice.
    done = undoing.touched_among(session, source.batch_id or 0, where.id, uuids)
    left = [(uuid_, one) for uuid_, one in several if uuid_ not in done]
    fresh = [Written(uuid_, one.label, one.values) for uuid_, one in left if uuid_ not in known]
    if fresh:
        by_hand.create(session, where, fresh, source)
    changed = [Written(uuid_, one.label or None, one.values) for uuid_, one in left if uuid_ in known]
    if changed:
        by_hand.update_many(session, where, changed, source)


def _fresh_id(wanted: Import, row: int) -> str:
    """The id of the member a row makes: the same when the entry is gone on with."""
    digest = hashlib.sha256(f"{wanted.ticket}:{wanted.list_id}:{row}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def undo(number: int, *, actor_id: int | None, now: datetime) -> int:
    """Take a file back: what it made is deleted, what it changed is as it was; returns how many.

    What somebody changed since stays.
    """
    with transaction() as session:
        touched = undoing.touched(session, number)
    taken = 0
    for some in in_groups(touched, STEP):
        with transaction() as session:
            taken += undoing.take_back(session, number, some, Source(actor_id, now))
    with transaction() as session:
        batch = session.get_one(Batch, number)
        batch.undone_at, batch.undone_by = now, actor_id
        batch.summary = {**batch.summary, "taken_back": taken, "kept": len(touched) - taken}
    return taken
