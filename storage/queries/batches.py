"""Batches: imports and other changes of many things at once, named so that they can be undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Batch, BatchItem
from storage.problems import BatchNotFound, BatchUndone

A_PAGE = 20


def batches_of(
    session: Session, project_id: int | None, *kinds: str, limit: int | None = None
) -> Sequence[Batch]:
    """The batches of these kinds, newest first; `project_id` None for those that belong to no project."""
    return session.scalars(
        select(Batch)
        .where(Batch.project_id == project_id, Batch.kind.in_(kinds))
        .order_by(Batch.id.desc())
        .limit(limit)
    ).all()


def batches_of_list(session: Session, project_id: int, list_id: int, kind: str) -> list[Batch]:
    """The files that were entered into an entity list, newest first."""
    several = batches_of(session, project_id, kind)
    return [one for one in several if one.summary.get("list_id") == list_id]


def with_ticket(session: Session, project_id: int, kind: str, ticket: str) -> Batch | None:
    """The batch of the same attempt, when it broke off or an impatient finger sends it twice.

    Without a ticket no attempt is the same as another.
    """
    several = batches_of(session, project_id, kind) if ticket else ()
    return next((one for one in several if one.summary.get("ticket") == ticket), None)


def get_batch(session: Session, project_id: int | None, kinds: Collection[str], number: int) -> Batch:
    """A batch of one of these kinds, undone or not. Raises BatchNotFound."""
    found = session.get(Batch, number)
    if found is None or found.project_id != project_id or found.kind not in kinds:
        raise BatchNotFound(number=number)
    return found


def open_batch(session: Session, project_id: int | None, kind: str, number: int) -> Batch:
    """A batch that can be undone. Raises BatchNotFound, BatchUndone."""
    found = get_batch(session, project_id, {kind}, number)
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
