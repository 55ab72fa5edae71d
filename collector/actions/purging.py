"""What was deleted long ago goes for good, a few rows in each transaction, none of them by halves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from collector.actions import auditing
from collector.actions.sweep import sweep
from storage.auditing import deriving
from storage.blobs import BlobStore
from storage.database import db, transaction
from storage.groups import in_groups
from storage.models import Entity, EntityList, Form, Submission
from storage.purging import forms, records
from storage.purging.files import Files

_A_FEW = 50

Some = TypeVar("Some")


def purge(blobs: BlobStore, before: datetime, *, now: datetime) -> int:
    """Purge what was deleted before a moment; returns how many things went."""
    # What came in is audited from its rows, which are about to go.
    while auditing.derive(now):
        pass
    gone = _each(lambda session: records.due(session, before, _A_FEW), _purge_records, now)
    for number in _numbers(lambda session: forms.due_forms(session, before)):
        gone += _purge_form(number, now)
    gone += _each(lambda session: forms.due_entities(session, before, _A_FEW), _purge_entities, now)
    for number in _numbers(lambda session: forms.due_lists(session, before)):
        gone += _each(partial(forms.entities_of, list_id=number, limit=_A_FEW), _purge_entities, now)
        with transaction() as session:
            forms.purge_list(session, session.get_one(EntityList, number), now=now)
        gone += 1
    if gone:
        sweep(blobs, now=now)
    return gone


@dataclass(frozen=True, slots=True)
class Chosen:
    """Things somebody lets go for good before their time, by number; each lies deleted."""

    records: tuple[int, ...] = ()
    entities: tuple[int, ...] = ()
    forms: tuple[int, ...] = ()


def purge_chosen(blobs: BlobStore, chosen: Chosen, *, now: datetime) -> int:
    """Purge these things now; what does not lie deleted any more is left. Returns how many went."""
    while auditing.derive(now):
        pass
    gone = 0
    for some in in_groups(chosen.records, _A_FEW):
        gone += _each(partial(records.deleted_of, numbers=some), _purge_records, now)
    for some in in_groups(chosen.entities, _A_FEW):
        gone += _each(partial(forms.deleted_entities, numbers=some), _purge_entities, now)
    for number in chosen.forms:
        gone += _purge_form(number, now)
    if gone:
        sweep(blobs, now=now)
    return gone


def _purge_form(number: int, now: datetime) -> int:
    gone = _each(partial(records.of_form, form_id=number, limit=_A_FEW), _purge_records, now)
    with transaction() as session:
        files = Files()
        forms.purge_form(session, session.get_one(Form, number), files, now=now)
        files.forget(session)
    return gone + 1


def _numbers(find: Callable[[Session], Sequence[int]]) -> list[int]:
    found = list(find(db.session()))
    db.session.rollback()
    return found


def _each(
    find: Callable[[Session], Sequence[Some]],
    go: Callable[[Session, Sequence[Some], datetime], None],
    now: datetime,
) -> int:
    gone = 0
    while True:
        with transaction() as session:
            several = find(session)
            if not several:
                return gone
            number = len(several)
            go(session, several, now)
            session.flush()
            deriving.lower(session)
        gone += number


def _purge_records(session: Session, several: Sequence[Submission], now: datetime) -> None:
    files = Files()
    records.purge(session, several, files, now=now)
    files.forget(session)


def _purge_entities(session: Session, several: Sequence[Entity], now: datetime) -> None:
    forms.purge_entities(session, several, now=now)
