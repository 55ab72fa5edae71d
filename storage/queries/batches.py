"""Batches: imports and other changes of many things at once, named so that they can be undone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Batch, BatchItem
from storage.problems import BatchNotFound, BatchUndone


def batches_of(session: Session, project_id: int | None, kind: str) -> Sequence[Batch]:
    """The batches of a kind, newest first; `project_id` None for those that belong to no project."""
    return session.scalars(
        select(Batch).where(Batch.project_id == project_id, Batch.kind == kind).order_by(Batch.id.desc())
    ).all()


def open_batch(session: Session, project_id: int | None, kind: str, number: int) -> Batch:
    """A batch that can be undone. Raises BatchNotFound, BatchUndone."""
    found = session.get(Batch, number)
    if found is None or found.project_id != project_id or found.kind != kind:
        raise BatchNotFound(number=number)
    if found.undone_at is not None:
        raise BatchUndone(number=number)
    return found


def drop_if_empty(session: Session, number: int) -> bool:
    """Take a batch away that changed nothing, for there is nothing to undo; says whether it was so."""
    if session.scalar(select(BatchItem.id).where(BatchItem.batch_id == number).limit(1)) is not None:
        return False
    session.delete(session.get_one(Batch, number))
    return True


def items_of(session: Session, number: int, noun: str) -> Sequence[BatchItem]:
    """What a batch made or changed, in the order it did."""
    query = select(BatchItem).where(BatchItem.batch_id == number, BatchItem.noun == noun)
    return session.scalars(query.order_by(BatchItem.id)).all()
