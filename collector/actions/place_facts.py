"""What communes are, by spreadsheet: read, shown with what is wrong, entered whole, taken back whole."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from forms.place_facts import FactList, Facts, check, read_list
from forms.place_problems import VillageListFaulty
from forms.values import HOME
from storage.database import transaction
from storage.groups import in_groups
from storage.models import Batch
from storage.places import facts
from storage.places.closure import spans_of
from storage.queries.batches import drop_if_empty, get_batch

KIND = "place_facts"
AT_ONCE = 200
"""Communes changed in one transaction: the writer is free again before anybody notices."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A list as it was sent."""

    data: bytes
    filename: str


def preview(session: Session, sent: Sent, *, now: datetime) -> FactList:
    """What a list says and what is wrong in it. Raises VillageFileUnreadable, FactColumnsMissing."""
    written = read_list(sent.data, sent.filename)
    return check(written, spans_of(session, written.codes), now.astimezone(HOME).date())


def bring_in(sent: Sent, *, actor_id: int | None, now: datetime) -> int:
    """Enter a list whole; returns the number of its batch, 0 when it changes nothing.

    Raises VillageListFaulty while a cell is wrong; then, and when it fails on the way, nothing stays.
    """
    with transaction() as session:
        found = preview(session, sent, now=now)
        if found.faults:
            told = [one.told for one in found.faults]
            raise VillageListFaulty(number=len(told), first=told[0], faults=told)
        summary = {"rows": len(found.rows), "done": False}
        batch = Batch(
            kind=KIND, actor_id=actor_id, file_name=sent.filename[:255], summary=summary, created_at=now
        )
        session.add(batch)
        session.flush()
        number = batch.id
    by_code: defaultdict[str, list[Facts]] = defaultdict(list)
    for row in found.rows:
        by_code[row.code].append(row)
    changed = 0
    try:
        for some in in_groups(sorted(by_code), AT_ONCE):
            with transaction() as session:
                changed += facts.enter_facts(session, number, {code: by_code[code] for code in some})
    except BaseException:
        undo(number, actor_id=actor_id, now=now)
        raise
    with transaction() as session:
        if drop_if_empty(session, number):
            return 0
        batch = session.get_one(Batch, number)
        batch.summary = {**batch.summary, "done": True, "changed": changed}
    return number


def undo(number: int, *, actor_id: int | None, now: datetime) -> None:
    """Take a list back. Raises BatchNotFound, PlaceBatchGone."""
    with transaction() as session:
        facts.require_undoable(session, get_batch(session, None, {KIND}, number))
    more = True
    while more:
        with transaction() as session:
            more = facts.take_back_some(session, number)
    with transaction() as session:
        batch = get_batch(session, None, {KIND}, number)
        batch.undone_at, batch.undone_by = now, actor_id
